import { FourfoldError } from '../../electron/engine/errors.ts';
import type { ModelPair } from '../../electron/engine/network/model.ts';
import type { PixelSource, Raster } from '../../electron/engine/photo/raster.ts';
import { NetworkRunner } from '../../electron/engine/run/network-runner.ts';
import type { Precision } from '../../electron/engine/run/session.ts';
import type { Picture } from './bicubic.ts';
import { cropPicture } from './crop-picture.ts';
import type { NetworkMethod } from './methods.ts';

/**
 * A blend run by the engine itself on the CPU, tiles and all, as the app runs it: for precisions other than float32.
 * Undefined when the engine cannot (these weights are not calibrated for int8, say).
 */
export async function engineMethod(
  models: ModelPair,
  blend: number,
  precision: Precision,
): Promise<NetworkMethod | undefined> {
  const runner = await NetworkRunner.open({ models, blend, device: 'cpu', precision, io: 'u8', tile: 128 }).catch(
    (error: unknown) => {
      // Weights without a calibration cannot run in int8; there is nothing to measure then.
      if (error instanceof FourfoldError && error.code === 'device-unavailable') return undefined;
      throw error;
    },
  );
  if (!runner) return undefined;
  return {
    name: `blend ${blend}, ${precision}`,
    fidelityOnly: true,
    async enlarge(picture) {
      const { width, height, data } = await runner.enlarge(inMemory(picture), {
        x: 0,
        y: 0,
        width: picture.width,
        height: picture.height,
      });
      return { width, height, pixels: data as Uint8Array };
    },
    close: () => runner.close(),
  };
}

function inMemory(picture: Picture): PixelSource {
  return {
    width: picture.width,
    height: picture.height,
    channels: 3,
    depth: 8,
    read({ x, y, width, height }): Raster {
      return { width, height, channels: 3, depth: 8, data: cropPicture(picture, x, y, width, height).pixels };
    },
    close: async () => {},
  };
}
