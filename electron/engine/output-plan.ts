import { dirname } from 'node:path';
import type { EnhanceOptions, PhotoSettings } from './enhance-options.ts';
import { estimate } from './estimate.ts';
import { checkFormatLimit, DEFAULT_QUALITY, limits, type OutputFormat, outputFormatFor } from './output/formats.ts';
import { outputSize, type Size } from './output/output-size.ts';
import { checkTarget } from './output/place.ts';
import { targetPath } from './output/target-path.ts';
import type { PhotoInfo } from './photo/photo.ts';
import type { Depth } from './photo/raster.ts';
import { requireDisk, requireMemory } from './resources.ts';

/** What will be written, settled before any work is done. */
export interface OutputPlan {
  readonly target: string;
  readonly format: OutputFormat;
  readonly quality: number;
  readonly depth: Depth;
  readonly size: Size;
}

/**
 * Settles name, format, depth and size of a photo's result.
 * @throws FourfoldError `format-limit`, `name-too-long`, `name-forbidden`
 */
export function planOutput(info: PhotoInfo, settings: PhotoSettings): OutputPlan {
  const format = outputFormatFor(info.format, settings.format ?? 'same');
  const scale = settings.scale ?? 4;
  const size = outputSize(info, scale);
  checkFormatLimit(format, size.width, size.height);
  const wanted = settings.depth ?? info.depth;
  const target =
    settings.output !== undefined && settings.outputIs === 'file'
      ? settings.output
      : targetPath(info.path, {
          ...(settings.output !== undefined && { output: settings.output }),
          template: settings.template ?? `{name}-${typeof scale === 'number' ? scale : 4}x`,
          format,
          values: { blend: settings.blend, n: settings.number ?? 1, w: size.width, h: size.height },
        });
  return {
    target,
    format,
    quality: settings.quality ?? DEFAULT_QUALITY,
    depth: limits(format).maxDepth > 8 ? wanted : 8,
    size,
  };
}

/**
 * Checks what would only come out after hours of work: a name that is taken, a folder that cannot be written to, too
 * little disk or memory. Returns `skip` when the photo is to be passed over because its result exists.
 * @throws FourfoldError `target-exists`, `target-is-source`, `target-unwritable`, `disk-full`, `memory-short`
 */
export async function checkRoom(
  plan: OutputPlan,
  info: PhotoInfo,
  options: PhotoSettings & Pick<EnhanceOptions, 'isTaken' | 'sources'>,
  scratchDir: string,
): Promise<'write' | 'skip'> {
  const ifExists = options.isTaken?.(plan.target) ? 'rename' : (options.ifExists ?? 'rename');
  const sources = [info.path, ...(options.sources ?? [])];
  if ((await checkTarget({ target: plan.target, ifExists, sources })) === 'skip') return 'skip';
  const need = estimate({ info, rate: 0, scale: options.scale ?? 4, ...plan });
  await requireDisk(scratchDir, need.diskBytes);
  // The estimate of the file is rough, so only a disk that is certainly too small is refused here.
  await requireDisk(dirname(plan.target), need.fileBytes / 4);
  requireMemory(need.memoryBytes);
  return 'write';
}
