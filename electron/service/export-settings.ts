import { join } from 'node:path';
import type { ExportSettings } from '../contract.ts';
import type { PhotoSettings } from '../engine/enhance-options.ts';
import { FourfoldError } from '../engine/errors.ts';
import type { Scale } from '../engine/output/output-size.ts';
import type { Grants } from './grants.ts';
import type { ListedPhoto } from './photo-list.ts';

export interface ExportPlace {
  readonly grants: Grants;
  /** The browser edition's own folder for results. */
  readonly hostFolder: string | undefined;
}

/**
 * What the page chose, as the engine takes it: plain data that also goes into an album's journal. Device and precision are
 * left out: those in force when a tile is made count (`ChosenDevicePool`).
 * @param blend 0…100
 * @param number the photo's running number, for `{n}`
 */
export function photoSettings(
  { photo, path }: ListedPhoto,
  settings: ExportSettings,
  { grants, hostFolder }: ExportPlace,
  blend: number,
  number: number,
): PhotoSettings {
  const { format, quality, depth, metadata, provenance, ifExists, destination, template } = settings;
  const base = destination.kind === 'folder' ? grants.take(destination.grant, 'write').path : hostFolder;
  if (destination.kind === 'beside' && hostFolder !== undefined && path.startsWith(hostFolder)) throw noPlace();
  const output = destination.kind === 'beside' ? undefined : base;
  if (destination.kind !== 'beside' && output === undefined) throw noPlace();
  return {
    ...{ format, quality, metadata, provenance, ifExists, number, blend: blend / 100 },
    scale: scaleOf(settings.size),
    // "TIFF 8/16": everything else keeps what the source has, as far as the format can.
    ...(depth === 16 || format === 'tiff' ? { depth } : {}),
    template: filled(template, blend),
    // The tree below a dropped folder is kept.
    ...(output !== undefined && {
      output: join(output, ...photo.folder.split('/').filter(Boolean)),
      outputIs: 'folder',
    }),
  };
}

export function scaleOf(size: ExportSettings['size']): Scale {
  if (size.kind === 'scale') return size.scale;
  if (size.kind === 'long-edge') return { longEdge: size.pixels };
  return { longEdge: Math.round((size.centimetres / 2.54) * size.dpi) };
}

/** `{blend}` as the slider shows it and `{date}` as the day of the export; the engine fills in the rest. */
function filled(template: string, blend: number): string {
  const now = new Date();
  const two = (value: number) => String(value).padStart(2, '0');
  const date = `${now.getFullYear()}-${two(now.getMonth() + 1)}-${two(now.getDate())}`;
  return template.replaceAll('{blend}', String(blend)).replaceAll('{date}', date);
}

function noPlace(): FourfoldError {
  return new FourfoldError(
    'wrong-use',
    'There is no such folder for results here. Nothing was written. Choose another.',
  );
}
