import { open } from 'node:fs/promises';
import { FourfoldError } from '../errors.ts';
import { sourceError } from '../file-errors.ts';
import type { InputFormat } from './photo.ts';
import { cutShort } from './sniff.ts';
import type { SourceFile } from './source-file.ts';

/** The image library's words as ours. */
export async function decodingError(error: unknown, source: SourceFile): Promise<unknown> {
  const told = await sourceError(error, source.path, source.name);
  if (told instanceof FourfoldError) return told;
  const words = error instanceof Error ? error.message : '';
  if (/premature end|unexpected end|truncated/i.test(words) || (await endsEarly(source)))
    return cutShort(source.path, error);
  if (/compression|codec|bad seek|unsupported/i.test(words) && source.format !== 'jpeg' && source.format !== 'png')
    return codecMissing(source.path, error);
  if (/exceeds channel limit/i.test(words)) return codecMissing(source.path, error);
  return damagedBeyondUse(source.path, error);
}

export function codecMissing(path: string, cause?: unknown): FourfoldError {
  return new FourfoldError(
    'codec-missing',
    'This photo uses a codec or compression not included. It was not changed. Export it as JPEG, PNG or TIFF.',
    { path, cause },
  );
}

/** What TIFF readers warn of by name, or by the order of the tags, and none of it about pixels. */
const DESCRIBING =
  /"(ImageDescription|DocumentName|PageName|Make|Model|Software|DateTime|Artist|HostComputer|Copyright|RichTIFFIPTC|Photoshop|XMLPacket)"|tags are not sorted/;

/** Whether the image library refused a photo for warnings that are about its describing tags alone. */
export function warnsOfTagsOnly(error: unknown): boolean {
  const lines = error instanceof Error ? error.message.split('\n').filter((line) => line !== '') : [];
  const warnings = lines.filter((line) => !/^(Warning treated as error|error in tile )/.test(line));
  return warnings.length > 0 && warnings.every((line) => DESCRIBING.test(line));
}

interface Size {
  readonly width: number;
  readonly height: number;
}

/** Whether a file lacks the end its format demands. */
async function endsEarly({ name, format, bytes }: SourceFile): Promise<boolean> {
  const file = await open(name, 'r');
  try {
    const tailLength = Math.min(bytes, 65536);
    const tail = (await file.read(Buffer.alloc(tailLength), 0, tailLength, bytes - tailLength)).buffer;
    const head = (await file.read(Buffer.alloc(16), 0, 16, 0)).buffer;
    return lacksEnd[format](head, tail, bytes);
  } catch {
    return false;
  } finally {
    await file.close();
  }
}

const lacksEnd: Readonly<Record<InputFormat, (head: Buffer, tail: Buffer, bytes: number) => boolean>> = {
  jpeg: (_head, tail) => !tail.includes(Buffer.from([0xff, 0xd9])),
  png: (_head, tail) => !tail.includes('IEND'),
  webp: (head, _tail, bytes) => head.readUInt32LE(4) + 8 > bytes,
  gif: (_head, tail) => !tail.includes(0x3b),
  tiff: (head, _tail, bytes) => {
    const little = head.toString('latin1', 0, 2) === 'II';
    const offset = little ? head.readUInt32LE(4) : head.readUInt32BE(4);
    return offset >= bytes;
  },
  avif: () => false,
};

export function damagedBeyondUse(path: string, cause?: unknown): FourfoldError {
  return new FourfoldError(
    'damaged',
    'This photo is damaged and cannot be read whole. It was not changed. Copy it again from the camera or a backup.',
    { path, cause },
  );
}

export function tooManyPixels(path: string, { width, height }: Size, limit: number): FourfoldError {
  const megapixels = Math.ceil((width * height) / 1e6);
  const allowed = Math.floor(limit / 1e6);
  return new FourfoldError(
    'too-many-pixels',
    `This photo has ${megapixels.toLocaleString('en')} megapixels and exceeds the ${allowed.toLocaleString('en')}-megapixel limit. It was not changed. Crop or reduce it, or raise the limit.`,
    { path, params: { megapixels, limit: allowed } },
  );
}
