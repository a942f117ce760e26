import { expect, test } from 'vitest';
import { EngineClient } from '../../electron/service/engine-client.ts';
import { Lane } from '../../electron/service/lane.ts';
import { type Port, portPair } from '../../electron/service/port.ts';
import { fakeEngine } from './fake-engine.ts';

test('an engine that died before it was first asked is started again, and nobody waits for its answer', async () => {
  const engine = fakeEngine();
  let launches = 0;
  let crashes = 0;
  const dead = (): Port => {
    const [here, there] = portPair();
    there.close();
    return here;
  };
  const client = new EngineClient({
    launch: () => (launches++ === 0 ? dead() : engine.launch()),
    lane: new Lane(),
    onCrash: () => crashes++,
  });
  await expect(client.devices()).rejects.toMatchObject({ code: 'engine-stopped' });
  expect(crashes).toBe(1);
  await client.devices();
  expect(launches).toBe(2);
  await client.close();
});
