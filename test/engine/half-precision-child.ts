/** Run in a process of its own, with a Vulkan driver that has half precision: the shipped networks, for real. */
import { existsSync } from 'node:fs';
import { rememberedVerdict } from '../../electron/engine/device/device.ts';
import { probeDevice } from '../../electron/engine/device/device-probe.ts';
import { difference } from '../../electron/engine/device/probe-picture.ts';
import { VerdictStore } from '../../electron/engine/device/verdict-store.ts';
import { loadModelPair } from '../../electron/engine/network/model.ts';
import { openSession } from '../../electron/engine/run/session.ts';
import { evalSet } from '../shared-data.ts';
import { enlarge, psnrLost } from './enlarged.ts';
import { photoPart } from './raster-source.ts';

const models = await loadModelPair();
const verdict = await probeDevice('webgpu', models, { core: 8, halo: 14, patienceMs: 300_000 });
await rememberedVerdict('webgpu', models, new VerdictStore(), async () => verdict);

const photo = await photoPart('coffee.png', 300, 150, 64, 48);
const set5 = evalSet('Set5');
const blends = [];
for (const blend of verdict.precisions.includes('fp16') ? [0, 0.5, 1] : []) {
  const open = (device: 'cpu' | 'webgpu', precision: 'fp32' | 'auto') =>
    openSession({ models, blend, device, precision, io: 'u8', tile: 64 });
  const [single, half] = [await open('cpu', 'fp32'), await open('webgpu', 'auto')];
  const apart = difference((await enlarge(single, photo)).data, (await enlarge(half, photo)).data);
  const lost = existsSync(set5) ? await psnrLost(single, half, set5) : null;
  blends.push({ blend, precision: half.precision, apart, lost });
  await single.close();
  await half.close();
}
process.send?.({ verdict, blends }, () => process.exit(0));
