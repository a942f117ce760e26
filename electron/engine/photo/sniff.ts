import { FourfoldError } from '../errors.ts';
import type { InputFormat } from './photo.ts';

/** How many first bytes `sniff` needs. */
export const SNIFF_BYTES = 4096;

const RAW_NAME =
  /\.(3fr|arw|cr2|crw|dcr|dng|erf|fff|iiq|kdc|mef|mos|mrw|nef|nrw|orf|pef|raw|rw2|rwl|sr2|srf|srw|x3f)$/i;

/**
 * What a file is, by its first bytes; the name counts only where the content cannot tell (camera raw files are TIFFs
 * whose first picture is a small preview).
 * @throws FourfoldError 'not-a-picture' or 'codec-missing', with words that fit what was found.
 */
export function sniff(head: Buffer, path: string): InputFormat {
  const ascii = (from: number, to: number) => head.toString('latin1', from, to);
  if (head.length === 0) throw refused('not-a-picture', 'This file is empty', path);
  if (head.length >= 3 && head.readUIntBE(0, 3) === 0xffd8ff) return 'jpeg';
  if (ascii(0, 2) === '\xff\xd8') throw cutShort(path);
  if (ascii(0, 8) === '\x89PNG\r\n\x1a\n') return 'png';
  if (ascii(0, 4) === 'RIFF' && ascii(8, 12) === 'WEBP') return 'webp';
  if (ascii(0, 6) === 'GIF87a' || ascii(0, 6) === 'GIF89a') return 'gif';
  if (isTiff(head)) {
    if (RAW_NAME.test(path) || ascii(8, 10) === 'CR') {
      throw refused('codec-missing', 'This camera raw file needs a raw developer', path, 'Export it as TIFF or JPEG.');
    }
    return 'tiff';
  }
  if (ascii(4, 8) === 'ftyp') return sniffIsoMedia(head, path);
  throw refused('not-a-picture', unfitting(head, ascii), path);
}

function isTiff(head: Buffer): boolean {
  const magic = head.toString('latin1', 0, 4);
  return magic === 'II*\0' || magic === 'MM\0*' || magic === 'II+\0' || magic === 'MM\0+';
}

/** ISO base media (ISO 14496-12): a list of brands says which pictures are inside. */
function sniffIsoMedia(head: Buffer, path: string): InputFormat {
  const end = Math.min(head.length, head.readUInt32BE(0));
  const brands: string[] = [];
  for (let at = 8; at + 4 <= end; at += 4) if (at !== 12) brands.push(head.toString('latin1', at, at + 4));
  if (brands.some((brand) => brand === 'avif' || brand === 'avis')) return 'avif';
  if (brands.some((brand) => /^(hei|hev|mif1|msf1)/.test(brand))) {
    throw new FourfoldError(
      'codec-missing',
      'This HEIC photo uses a codec not included. It was not changed. Export it as JPEG.',
      { path },
    );
  }
  throw refused('not-a-picture', 'This looks like a film, not a photo', path);
}

/** Names of what people mistake for photos, so that the sentence helps. */
function unfitting(head: Buffer, ascii: (from: number, to: number) => string): string {
  const text = ascii(0, 512).trimStart().toLowerCase();
  if (ascii(0, 5) === '%PDF-') return 'This is a PDF document, not a photo';
  if (text.startsWith('<!doctype html') || text.startsWith('<html'))
    return 'This is a web page saved under a photo’s name';
  if (/^(<\?xml[^>]*>\s*)?(<!--.*?-->\s*)?(<!doctype svg[^>]*>\s*)?<svg/s.test(text))
    return 'This is an SVG drawing, not a photo';
  if (ascii(0, 2) === 'PK') return 'This is a ZIP archive under a photo’s name';
  if (ascii(0, 2) === '\xff\x0a' || ascii(4, 12) === 'JXL \r\n\x87\n')
    return 'This is a JPEG XL picture, which is not supported';
  if (ascii(4, 8) === 'jP  ' || head.subarray(0, 4).equals(Buffer.from([0xff, 0x4f, 0xff, 0x51])))
    return 'This is a JPEG 2000 picture, which is not supported';
  if (ascii(0, 2) === 'BM') return 'This is a BMP picture, which is not supported';
  if (ascii(0, 4) === '8BPS') return 'This is a Photoshop document, which is not supported';
  return 'This file is not a picture Fourfold can read';
}

function refused(code: 'not-a-picture' | 'codec-missing', what: string, path: string, advice?: string): FourfoldError {
  return new FourfoldError(code, `${what}. It was not changed. ${advice ?? 'Convert it to JPEG, PNG or TIFF.'}`, {
    path,
  });
}

export function cutShort(path: string, cause?: unknown): FourfoldError {
  return new FourfoldError('truncated', 'This photo is cut short. It was not changed. Copy it again from the camera.', {
    path,
    cause,
  });
}
