/** Run in a process of its own, with a software Vulkan driver in its environment: WebGPU for real. */

import { rememberedVerdict } from '../../electron/engine/device/device.ts';
import { probeDevice } from '../../electron/engine/device/device-probe.ts';
import { difference } from '../../electron/engine/device/probe-picture.ts';
import { VerdictStore } from '../../electron/engine/device/verdict-store.ts';
import type { Raster } from '../../electron/engine/photo/raster.ts';
import { openSession } from '../../electron/engine/run/session.ts';
import { smallFourfold, smallPair } from './small-network.ts';

// As small as the operators allow: a software driver needs seconds to compile each shader.
const models = smallPair({ ...smallFourfold, features: 4, blocks: 1 });
const verdict = await probeDevice('webgpu', models, { core: 4, halo: 4, patienceMs: 200_000 });
await rememberedVerdict('webgpu', models, new VerdictStore(), async () => verdict);

const tile = 4;
const results: Raster[] = [];
const facts = [];
for (const device of ['cpu', 'webgpu'] as const) {
  const session = await openSession({ models, blend: 0.5, device, precision: 'fp32', io: 'u8', tile });
  const edge = tile + 2 * session.halo;
  const data = Uint8Array.from({ length: edge * edge * 3 }, (_, i) => 128 + 60 * Math.sin(i));
  results.push(await session.enhance({ width: edge, height: edge, channels: 3, depth: 8, data }));
  facts.push({
    device: session.device,
    deviceName: session.deviceName,
    precision: session.precision,
    why: session.why,
  });
  await session.close();
}
const apart = difference(results[0]!.data, results[1]!.data);
process.send?.({ verdict, facts, apart }, () => process.exit(0));
