import { basename, dirname } from 'node:path';
import { type Estimate, FORMATS, type Photo, type PlainError } from '../contract.ts';
import type { PhotoSettings } from '../engine/enhance-options.ts';
import { FourfoldError, toPlainError } from '../engine/errors.ts';
import { estimate } from '../engine/estimate.ts';
import { checkFormatLimit, DEFAULT_QUALITY, limits, outputFormatFor } from '../engine/output/formats.ts';
import { outputSize } from '../engine/output/output-size.ts';
import { targetPath } from '../engine/output/target-path.ts';
import type { InputFormat } from '../engine/photo/photo.ts';
import type { Depth } from '../engine/photo/raster.ts';
import { freeDisk, freeMemory } from '../engine/resources.ts';

export interface EstimateWish {
  readonly path: string;
  readonly info: NonNullable<Photo['info']>;
  readonly settings: PhotoSettings;
  /** Share of its tiles that are kept, 0…1. */
  readonly enhanced: number;
}

const NAMES_SHOWN = 3;

/** What an export (of several photos: their sum) will take, before it starts; a few milliseconds. */
export async function estimateExport(
  wishes: readonly EstimateWish[],
  rate: number | null,
  scratchDir: string,
): Promise<Estimate> {
  const [first] = wishes;
  if (!first) throw new FourfoldError('wrong-use', 'No photo that can be exported was chosen. Choose one.');
  const problems: PlainError[] = [];
  const parts = wishes.map((wish) => part(wish, rate));
  for (const { problem } of parts)
    if (problem && problems.every(({ code }) => code !== problem.code)) problems.push(problem);

  const total = (pick: (figures: ReturnType<typeof part>) => number) => parts.reduce((sum, one) => sum + pick(one), 0);
  const largest = (pick: (figures: ReturnType<typeof part>) => number) => Math.max(...parts.map(pick));
  const memoryBytes = largest(({ figures }) => figures.memoryBytes);
  const diskBytes = largest(({ figures }) => figures.diskBytes);
  const fileBytes = total(({ figures }) => figures.fileBytes);
  const freeMemoryBytes = freeMemory();
  const target = parts.find(({ target }) => target !== undefined)?.target;
  const freeDiskBytes = (target === undefined ? undefined : await freeDisk(dirname(target))) ?? null;
  const freeScratch = await freeDisk(scratchDir);
  if (memoryBytes > freeMemoryBytes) problems.push(memoryShort(memoryBytes, freeMemoryBytes));
  // Rough figures: only a disk that is certainly too small is refused.
  const short = freeScratch !== undefined && diskBytes > freeScratch;
  if (short || (freeDiskBytes !== null && fileBytes / 4 > freeDiskBytes))
    problems.push(diskFull(short ? diskBytes - freeScratch : fileBytes - (freeDiskBytes ?? 0)));
  const pixels = total(({ wish }) => wish.info.width * wish.info.height);

  return {
    ...parts[0]!.figures.size,
    seconds: parts.some(({ figures }) => figures.seconds === undefined)
      ? null
      : total(({ figures }) => figures.seconds!),
    enhanced: total(({ wish }) => wish.enhanced * wish.info.width * wish.info.height) / pixels,
    ...{ memoryBytes, freeMemoryBytes, diskBytes, freeDiskBytes, fileBytes, rough: true, problems },
    names: parts.slice(0, NAMES_SHOWN).flatMap(({ target }) => (target === undefined ? [] : [basename(target)])),
    formats: FORMATS.map((format) => {
      const problem = wishes.map((wish) => formatProblem(wish, format)).find(Boolean);
      return { format, ...(problem && { problem }) };
    }),
  };
}

function part(wish: EstimateWish, rate: number | null) {
  const { info, settings, enhanced, path } = wish;
  const format = outputFormatFor(info.format as InputFormat, settings.format ?? 'same');
  const scale = settings.scale ?? 4;
  const channels = info.hasAlpha ? 4 : 3;
  const depth: Depth = limits(format).maxDepth > 8 ? (settings.depth ?? info.depth) : 8;
  const figures = estimate({
    info: { ...info, channels },
    ...{ rate: rate ?? 0, format, scale, depth, quality: settings.quality ?? DEFAULT_QUALITY, cachedShare: enhanced },
  });
  let target: string | undefined;
  let problem = formatProblem(wish, settings.format ?? 'same');
  try {
    const { blend, number: n = 1, output, template = '{name}-4x' } = settings;
    const values = { blend, n, w: figures.size.width, h: figures.size.height };
    target = targetPath(path, { format, template, values, ...(output !== undefined && { output }) });
  } catch (error) {
    problem ??= toPlainError(error);
  }
  return { wish, figures, target, problem };
}

function formatProblem({ info, settings }: EstimateWish, format: (typeof FORMATS)[number]): PlainError | undefined {
  const { width, height } = outputSize(info, settings.scale ?? 4);
  try {
    checkFormatLimit(outputFormatFor(info.format as InputFormat, format), width, height);
    return undefined;
  } catch (error) {
    return toPlainError(error);
  }
}

function memoryShort(needed: number, free: number): PlainError {
  const [need, have] = [needed, free].map((bytes) => (bytes / 1e9).toFixed(1));
  return new FourfoldError(
    'memory-short',
    `This needs ${need} GB of memory; ${have} GB are free. Nothing started. Choose a smaller size or close programs.`,
    { params: { needed, free } },
  ).toPlain();
}

function diskFull(missing: number): PlainError {
  return new FourfoldError(
    'disk-full',
    `The disk is too full for this. Nothing started. Free ${(missing / 1e9).toFixed(1)} GB.`,
    { params: { missing } },
  ).toPlain();
}
