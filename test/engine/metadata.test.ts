import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32, deflateSync } from 'node:zlib';
import { XMLValidator } from 'fast-xml-parser';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type EncodeOptions, encodePicture } from '../../electron/engine/output/encode.ts';
import { fitExif } from '../../electron/engine/output/exif.ts';
import { OUTPUT_FORMATS, type OutputFormat } from '../../electron/engine/output/formats.ts';
import { createUnfinished } from '../../electron/engine/output/unfinished.ts';
import { fitXmp } from '../../electron/engine/output/xmp.ts';
import { decodePhoto } from '../../electron/engine/photo/decode.ts';
import { bareIptc } from '../../electron/engine/photo/iptc.ts';
import type { PhotoMetadata } from '../../electron/engine/photo/metadata.ts';
import { readDirectory, readLayout, type Tag, writeDirectory } from '../../electron/engine/photo/tiff-directory.ts';
import { readTiffMetadata } from '../../electron/engine/photo/tiff-metadata.ts';
import { verifyFile } from '../../electron/engine/run/verify.ts';
import { withSmallDisk } from '../small-disk.ts';
import { MAKER_NOTE_LENGTH, numberOf, readExif, sampleExif } from './exif-sample.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'fourfold-metadata-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const SIZE = { width: 384, height: 256 };
const provenance = { software: 'Fourfold 0.1.0', model: 'SRResNet/SRGAN 12ab & <co>', blend: 0.25 };

interface Places {
  readonly scratch?: string;
  readonly output?: string;
}

/** Writes a picture with this metadata and gives back the file and what sharp finds in it. */
async function written(
  format: OutputFormat,
  metadata: PhotoMetadata,
  options: Partial<EncodeOptions> = {},
  { scratch = folder, output = folder }: Places = {},
) {
  const picture = await createUnfinished(scratch, SIZE.width, SIZE.height, 3, 8);
  await picture.finish();
  const path = join(output, `result.${format}`);
  const photo = { info: { depth: 8 }, metadata } as Parameters<typeof encodePicture>[1];
  const { notes } = await encodePicture(picture, photo, path, { format, depth: 8, size: SIZE, ...options });
  await picture.discard();
  const found = await sharp(path).metadata();
  const own = format === 'tiff' ? readTiffMetadata(path) : { exif: found.exif, iptc: found.iptc };
  return { path, notes, found, ...own, bytes: readFileSync(path) };
}

const iptc = (() => {
  const set = (id: number, text: string) => {
    const head = Buffer.from([0x1c, 2, id, 0, Buffer.byteLength(text)]);
    return Buffer.concat([head, Buffer.from(text)]);
  };
  return Buffer.concat([set(120, 'A caption'), set(90, 'Nowhereville'), set(25, 'keyword')]);
})();

const XMP_PACKET = `<?xpacket begin="\uFEFF" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmlns:t="http://ns.adobe.com/tiff/1.0/"
 xmlns:exif="http://ns.adobe.com/exif/1.0/" xmlns:photoshop="http://ns.adobe.com/photoshop/1.0/"
 xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:e="http://iptc.org/std/Iptc4xmpExt/2008-02-29/"
 xmp:Rating="5" t:Orientation="6" exif:GPSLatitude="51,30.2N" photoshop:City="Nowhereville">
<exif:PixelXDimension>96</exif:PixelXDimension>
<dc:title><rdf:Alt><rdf:li xml:lang="x-default">Ünï &amp; çödé</rdf:li></rdf:Alt></dc:title>
<e:DigitalSourceType>http://cv.iptc.org/newscodes/digitalsourcetype/digitalCapture</e:DigitalSourceType>
<xmp:Thumbnails><rdf:Alt><rdf:li>AAAA</rdf:li></rdf:Alt></xmp:Thumbnails>
</rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end="w"?>`;

describe('EXIF of the result', () => {
  const before = readExif(sampleExif());

  it.each(OUTPUT_FORMATS)('keeps every tag in %s, with new size, orientation 1 and no thumbnail', async (format) => {
    const { exif, bytes, notes } = await written(format, { exif: sampleExif(), density: 300 });
    const after = readExif(exif!);
    const kept = Object.keys(before).filter((name) => !name.startsWith('second.'));
    // TIFF has its own size and resolution tags in its own first directory.
    const own = format === 'tiff' ? ['main.282', 'main.283', 'main.296'] : [];
    expect(kept.filter((name) => !after[name] && !own.includes(name))).toEqual([]);
    expect(Object.keys(after).filter((name) => name.startsWith('second.'))).toEqual([]);
    expect(bytes.includes(Buffer.alloc(500, 0x5a))).toBe(false);
    expect(numberOf(after['main.274'])).toBe(1);
    expect(numberOf(after['exif.40962'])).toBe(SIZE.width);
    expect(numberOf(after['exif.40963'])).toBe(SIZE.height);
    const changed = new Set(['main.274', 'main.34665', 'main.34853', 'exif.40962', 'exif.40963', ...own]);
    for (const name of kept) if (!changed.has(name)) expect(after[name], name).toEqual(before[name]);
    expect(notes).toEqual([]);
  });

  it.each(['jpeg', 'png', 'webp', 'avif'] as const)(
    'leaves the maker’s note in %s where its offsets say',
    async (format) => {
      const { exif } = await written(format, { exif: sampleExif() });
      const tiff = exif!.subarray(exif!.indexOf('II*'));
      const note = before['exif.37500']!.bytes;
      const at = note.readUInt32LE(8);
      expect(tiff.subarray(at, at + MAKER_NOTE_LENGTH)).toEqual(note);
    },
  );

  it('writes a PNG whose checksums are right, and files of the size they claim', async () => {
    const { path, bytes } = await written('png', { exif: sampleExif() });
    for (let at = 8; at < bytes.length; ) {
      const end = at + 8 + bytes.readUInt32BE(at);
      expect(bytes.readUInt32BE(end), bytes.toString('latin1', at + 4, at + 8)).toBe(
        crc32(bytes.subarray(at + 4, end)),
      );
      at = end + 4;
    }
    await expect(sharp(path, { failOn: 'warning' }).raw().toBuffer()).resolves.toBeDefined();
    expect((await sharp(path).metadata()).density).toBe(300);
  });

  it.each(OUTPUT_FORMATS)('takes the location out of %s on wish, also its bytes', async (format) => {
    const { exif, bytes } = await written(format, { exif: sampleExif() }, { metadata: 'no-location' });
    const tags = Object.keys(readExif(exif!));
    expect(tags.filter((name) => name.startsWith('gps.') || name === 'main.34853')).toEqual([]);
    expect(tags).toContain('exif.42036');
    expect(bytes.includes(before['gps.2']!.bytes)).toBe(false);
  });

  it('takes XMP and IPTC out of the block with their bytes, but none that another tag lies on', () => {
    const raw = (id: number, bytes: Buffer): Tag => ({ id, type: 1, count: bytes.length, bytes });
    const tags = [
      text(271, 'Kamerawerk\0'),
      raw(700, Buffer.from('<photoshop:City>Nowhereville</photoshop:City>')),
      raw(33723, Buffer.concat([Buffer.from([0x1c, 2, 90, 0, 12]), Buffer.from('Nowhereville')])),
    ];
    const block = Buffer.concat([Buffer.from('Exif\0\0II*\0\x08\0\0\0', 'latin1'), writeDirectory(tags, 8, false)]);
    const fitted = (exif: Buffer) => fitExif(exif, { ...SIZE, dropLocation: true })!;
    expect(fitted(block).includes('Nowhereville')).toBe(false);
    expect(readExif(fitted(block))).toEqual({ 'main.271': readExif(block)['main.271'] });
    // The maker's name on the packet's first bytes.
    const shared = Buffer.from(block);
    shared.copy(shared, 6 + 10 + 8, 6 + 10 + 12 + 8, 6 + 10 + 12 + 12);
    expect(readExif(fitted(shared))['main.271']?.bytes.toString()).toBe('<photoshop:');
  });

  it('tells when the block is broken, and leaves it out', async () => {
    const broken = sampleExif().subarray(0, 60);
    const { exif, notes } = await written('jpeg', { exif: broken });
    expect(notes.map(({ code }) => code)).toEqual(['metadata-incomplete']);
    expect(exif === undefined || !exif.includes('Kamerawerk')).toBe(true);
  });

  it('follows big-endian blocks', async () => {
    const exif = Buffer.from('Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x08\0\0\0\0\0\0', 'latin1');
    const after = await written('jpeg', { exif });
    expect(after.found.orientation).toBe(1);
    expect((await written('tiff', { exif })).found.orientation ?? 1).toBe(1);
  });

  it('reads what a TIFF photo holds and hands it on to a JPEG', async () => {
    const { path } = await written('tiff', { exif: sampleExif() });
    const photo = await decodePhoto(path, { scratchDir: folder });
    const { exif } = await written('jpeg', photo.metadata);
    await photo.close();
    const after = readExif(exif!);
    for (const name of ['main.271', 'main.315', 'main.18246', 'exif.33434', 'exif.37500', 'gps.2'])
      expect(after[name], name).toEqual(before[name]);
  });
});

/** Describing tags as careless programs write them, with what TIFF readers take without a warning. */
const text = (id: number, written: string): Tag => {
  const bytes = Buffer.from(written, 'latin1');
  return { id, type: 2, count: bytes.length, bytes };
};
const CARELESS: readonly [string, Tag[], Record<string, string | undefined>][] = [
  ['padded', [text(271, 'Kamerawerk\0\0\0\0\0\0')], { 'main.271': 'Kamerawerk\0' }],
  ['in two parts', [text(33432, 'photographer\0editor\0')], { 'main.33432': 'photographer, editor\0' }],
  ['with a blank first part', [text(33432, ' \0editor\0')], { 'main.33432': 'editor\0' }],
  ['without an end', [text(315, 'Ann Other')], { 'main.315': 'Ann Other\0' }],
  ['a number', [{ id: 315, type: 4, count: 1, bytes: Buffer.from([1, 0, 0, 0]) }], { 'main.315': undefined }],
  ['there twice', [text(315, 'Ann Other\0'), text(315, 'Bob Other\0')], { 'main.315': 'Ann Other\0' }],
];

describe('careless describing tags', () => {
  it.each(CARELESS)('%s do not spoil a TIFF result', async (_, tags, expected) => {
    const block = [Buffer.from('Exif\0\0II*\0\x08\0\0\0', 'latin1'), writeDirectory(tags, 8, false)];
    const { path, exif } = await written('tiff', { exif: Buffer.concat(block) });
    await verifyFile(path, SIZE);
    await expect(sharp(path, { failOn: 'warning' }).raw().toBuffer()).resolves.toBeDefined();
    const found = exif ? readExif(exif) : {};
    for (const [name, value] of Object.entries(expected)) expect(found[name]?.bytes.toString('latin1')).toBe(value);
  });

  it.each(CARELESS)('%s are no damage to a TIFF source', async (_, tags) => {
    const { path } = await written('tiff', {});
    withTags(path, tags);
    const photo = await decodePhoto(path, { scratchDir: folder });
    await photo.close();
    expect(photo.info.notes).toEqual([]);
    await verifyFile(path, SIZE);
  });

  it('and IPTC that says nothing but the place leave no empty tag in a TIFF', async () => {
    const place = Buffer.concat([Buffer.from([0x1c, 2, 90, 0, 4]), Buffer.from('City')]);
    const { path, iptc } = await written('tiff', { iptc: place }, { metadata: 'no-location' });
    await verifyFile(path, SIZE);
    await expect(sharp(path, { failOn: 'warning' }).raw().toBuffer()).resolves.toBeDefined();
    expect(iptc).toBeUndefined();
    expect((await written('jpeg', { iptc: place }, { metadata: 'no-location' })).iptc).toBeUndefined();
  });
});

/** Gives a TIFF file a first directory with these tags too, exactly as they are. */
function withTags(path: string, tags: Tag[]): void {
  const file = readFileSync(path);
  const read = (at: number, length: number) => file.subarray(at, at + length);
  const { tags: own } = readDirectory(read, readLayout(read), readLayout(read).first);
  const at = file.length + (file.length & 1);
  file.writeUInt32LE(at, 4);
  writeFileSync(
    path,
    Buffer.concat([file, Buffer.alloc(at - file.length), writeDirectory([...own, ...tags], at, false)]),
  );
}

describe('metadata the disk has no room for', () => {
  // Takes the first part of a long write and none of it in the end.
  const long = Buffer.alloc(600_000, 'A keyword ');

  it('ends in words where the unfinished picture lies', (context) =>
    withSmallDisk(context, join(folder, 'scratch-disk'), '400k', async ({ path: scratch }) => {
      const xmp = Buffer.from(XMP_PACKET.replace('çödé', long.toString()));
      await expect(written('png', { xmp }, {}, { scratch })).rejects.toMatchObject({ code: 'disk-full' });
    }));

  it('ends in words where a TIFF is to go', (context) =>
    withSmallDisk(context, join(folder, 'output-disk'), '400k', async ({ path: output }) => {
      await expect(written('tiff', { iptc: long }, {}, { output })).rejects.toMatchObject({ code: 'disk-full' });
    }));
});

describe('XMP, IPTC and profile of the result', () => {
  it.each(OUTPUT_FORMATS)('adds where the picture came from to %s, and keeps the rest', async (format) => {
    const all = { xmp: Buffer.from(XMP_PACKET), iptc };
    const { found, notes, iptc: kept } = await written(format, all, { provenance });
    const xmp = found.xmp!.toString('utf8');
    expect(XMLValidator.validate(xmp)).toBe(true);
    expect(xmp).toContain('http://cv.iptc.org/newscodes/digitalsourcetype/algorithmicallyEnhanced');
    expect(xmp).not.toContain('digitalCapture');
    expect(xmp).toContain('SRResNet/SRGAN 12ab &amp; &lt;co&gt;');
    expect(xmp).toContain('Blend>0.25<');
    expect(xmp).toContain('Rating="5"');
    expect(xmp).toContain('Ünï &amp; çödé');
    expect(xmp).toContain('t:Orientation="1"');
    expect(xmp).toContain('PixelXDimension>384<');
    expect(xmp).not.toContain('Thumbnails');
    expect(xmp).toContain('Nowhereville');
    if (format === 'tiff') expect(kept).toEqual(iptc);
    else if (format === 'jpeg') expect(bareIptc(kept!)).toEqual(iptc);
    else {
      expect(xmp).toMatch(/dc:description><rdf:Alt><rdf:li xml:lang="x-default">A caption</);
      expect(xmp).toMatch(/dc:subject><rdf:Bag><rdf:li>keyword</);
      expect(xmp.match(/Nowhereville/g)).toHaveLength(1);
    }
    expect(notes).toEqual([]);
  });

  it('hands text on as it is written: references by number, quotes, sections, namespaces; a bare ampersand is mended', () => {
    const source = `<x:xmpmeta xmlns:x="adobe:ns:meta/" xmlns:odd='urn:a&amp;"b"'>
<r:RDF xmlns:r="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:dc="http://purl.org/dc/elements/1.1/">
<r:Description r:about='say "hi" &lt;there&gt;' dc:source="one&#xA;two &#233;">
<dc:rights>line one&#xA;line two &#233; &amp; &lt;b&gt; &#x1F600;</dc:rights>
<dc:title><![CDATA[a & b <c>]]></dc:title>
<dc:creator>Smith & Sons &eacute;</dc:creator><odd:thing>1</odd:thing>
</r:Description></r:RDF></x:xmpmeta>`;
    const { packet } = fitXmp(Buffer.from(source), { width: 4, height: 4, dropLocation: false });
    const xmp = packet!.toString('utf8');
    expect(XMLValidator.validate(xmp)).toBe(true);
    for (const kept of [
      'xmlns:odd="urn:a&amp;&quot;b&quot;"',
      'r:about="say &quot;hi&quot; &lt;there&gt;"',
      'dc:source="one&#xA;two &#233;"',
      '<dc:rights>line one&#xA;line two &#233; &amp; &lt;b&gt; &#x1F600;</dc:rights>',
      '<dc:title><![CDATA[a & b <c>]]></dc:title>',
      '<dc:creator>Smith &amp; Sons &amp;eacute;</dc:creator>',
    ])
      expect(xmp).toContain(kept);
  });

  it('takes the location out of all three', async () => {
    const all = { xmp: Buffer.from(XMP_PACKET), iptc, exif: sampleExif() };
    const { bytes, found } = await written('jpeg', all, { metadata: 'no-location' });
    expect(bytes.includes('Nowhereville')).toBe(false);
    expect(bytes.includes('GPSLatitude')).toBe(false);
    expect(found.iptc!.includes('keyword')).toBe(true);
    expect(found.xmp!.includes('Rating')).toBe(true);
  });

  it('takes out the location whoever’s namespace says it, also as an element', () => {
    const source = `<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:drone-dji="http://www.dji.com/drone-dji/1.0/" drone-dji:GpsLatitude="+51.5"
 drone-dji:GpsLongtitude="-0.12" drone-dji:GpsLongitude="-0.12" drone-dji:FlightYawDegree="7.5">
<drone-dji:Latitude>51.5</drone-dji:Latitude><gps:Fix xmlns:gps="urn:x">3D</gps:Fix></rdf:Description></rdf:RDF></x:xmpmeta>`;
    const { packet } = fitXmp(Buffer.from(source), { width: 4, height: 4, dropLocation: true });
    expect(packet!.toString('utf8')).not.toMatch(/51\.5|0\.12/);
    expect(packet!.toString('utf8')).toContain('drone-dji:FlightYawDegree="7.5"');
    expect(packet!.toString('utf8')).toContain('<gps:Fix xmlns:gps="urn:x">');
    const kept = fitXmp(Buffer.from(source), { width: 4, height: 4, dropLocation: false });
    expect(kept.packet!.toString('utf8')).toContain('drone-dji:GpsLatitude="+51.5"');
  });

  it('keeps a profile with bytes behind its end, and one of odd length, where PNG is strict', async () => {
    const p3 = await displayP3();
    const declared = (bytes: Buffer) => {
      const copy = Buffer.from(bytes);
      copy.writeUInt32BE(copy.length, 0);
      return copy;
    };
    const odd = declared(Buffer.concat([p3, Buffer.alloc(1)]));
    const whole = declared(Buffer.concat([p3, Buffer.alloc(4)]));
    whole.fill(0, 84, 100);
    for (const [given, kept] of [
      [Buffer.concat([p3, Buffer.from('behind')]), p3],
      [odd, whole],
    ] as const) {
      const { path, found } = await written('jpeg', { icc: given });
      expect(found.icc).toEqual(given);
      const photo = await decodePhoto(path, { scratchDir: folder });
      await photo.close();
      expect(photo.info.notes).toEqual([]);
      const result = await written('png', photo.metadata);
      expect(result.found.icc).toEqual(kept);
      expect(result.notes).toEqual([]);
    }
  });

  it('tells when XMP or IPTC is longer than a JPEG holds: to a byte, and not one more', async () => {
    const packetOf = (source: Buffer) => fitXmp(source, { ...SIZE, dropLocation: false }).packet!;
    const long = (letters: number) => Buffer.from(XMP_PACKET.replace('çödé', 'a'.repeat(letters)));
    const rest = packetOf(long(1)).length - 1;
    for (const [length, kept] of [
      [60_000, true],
      [60_001, false],
    ] as const) {
      const { found, notes } = await written('jpeg', { xmp: long(length - rest) });
      expect(found.xmp?.length).toBe(kept ? length : undefined);
      expect(notes.map(({ code }) => code)).toEqual(kept ? [] : ['metadata-incomplete']);
    }
    const keywords = (bytes: number) => {
      const set = (size: number) =>
        Buffer.concat([Buffer.from([0x1c, 2, 25, size >> 8, size & 255]), Buffer.alloc(size, 97)]);
      return Buffer.concat([set(30_000), set(30_000), set(bytes - 60_015)]);
    };
    for (const [length, kept] of [
      [65_506, true],
      [65_507, false],
      [90_015, false],
    ] as const) {
      const { found, notes } = await written('jpeg', { iptc: keywords(length) });
      expect(found.iptc && bareIptc(found.iptc)?.length).toBe(kept ? length : undefined);
      expect(notes.map(({ code }) => code)).toEqual(kept ? [] : ['metadata-incomplete']);
    }
  });

  it('tells when a format would not take the profile', async () => {
    const cut = (await displayP3()).subarray(0, 400);
    cut.writeUInt32BE(cut.length, 0);
    const { found, notes } = await written('png', { icc: cut });
    expect(found.icc).toBeUndefined();
    expect(notes.map(({ code }) => code)).toEqual(['profile-ignored']);
  });

  it.each(OUTPUT_FORMATS)(
    'with "none" leaves in %s only the profile and, if wanted, the provenance',
    async (format) => {
      const icc = await displayP3();
      const all = { icc, xmp: Buffer.from(XMP_PACKET), iptc, exif: sampleExif(), density: 300 };
      const bare = await written(format, all, { metadata: 'none' });
      expect(bare.found.icc).toEqual(icc);
      expect(bare.found.xmp).toBeUndefined();
      expect(bare.found.iptc).toBeUndefined();
      expect(bare.bytes.includes('Kamerawerk')).toBe(false);
      expect(bare.found.density === 300).toBe(false);
      const noted = await written(format, all, { metadata: 'none', provenance });
      expect(noted.found.xmp!.includes('algorithmicallyEnhanced')).toBe(true);
      expect(noted.found.xmp!.includes('Rating')).toBe(false);
    },
  );

  it('starts a packet where there was none, and leaves out one that is no XML', async () => {
    const fresh = await written('jpeg', {}, { provenance });
    expect(XMLValidator.validate(fresh.found.xmp!.toString('utf8'))).toBe(true);
    const broken = await written(
      'jpeg',
      { xmp: Buffer.from('<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>') },
      { provenance },
    );
    expect(broken.notes.map(({ code }) => code)).toEqual(['metadata-incomplete']);
    expect(broken.found.xmp!.includes('ENTITY')).toBe(false);
  });

  it.each(['jpeg', 'png', 'tiff'] as const)('keeps the density in %s', async (format) => {
    expect((await written(format, { density: 300 })).found.density).toBe(300);
  });

  it('keeps Display P3: the same numbers under the same profile', async () => {
    const source = join(folder, 'p3.png');
    const rgb = Buffer.from(Array.from({ length: 48 * 32 * 3 }, (_, i) => (i * 37) % 256));
    const raw = { raw: { width: 48, height: 32, channels: 3 as const } };
    const tagged = await sharp(rgb, raw).png().toBuffer();
    const { icc } = await sharp(await sharp(tagged).withIccProfile('p3').png().toBuffer()).metadata();
    writeFileSync(source, withProfile(tagged, icc!));
    const photo = await decodePhoto(source, { scratchDir: folder });
    const all = photo.pixels.read({ x: 0, y: 0, width: 48, height: 32 });
    expect(Buffer.from(all.data)).toEqual(rgb);
    const picture = await createUnfinished(folder, 48, 32, 3, 8);
    picture.write(all, 0, 0);
    await picture.finish();
    for (const format of OUTPUT_FORMATS) {
      const path = join(folder, `p3.${format}`);
      await encodePicture(picture, photo, path, { format, depth: 8, size: { width: 48, height: 32 } });
      expect((await sharp(path).metadata()).icc, format).toEqual(icc);
      if (format === 'png' || format === 'tiff')
        expect(await sharp(path).keepIccProfile().raw().toBuffer(), format).toEqual(rgb);
    }
    await photo.close();
    await picture.discard();
  });
});

async function displayP3(): Promise<Buffer> {
  const png = sharp({ create: { ...SIZE, channels: 3, background: 'red' } })
    .withIccProfile('p3')
    .png();
  return (await sharp(await png.toBuffer()).metadata()).icc!;
}

/** Puts an iCCP chunk behind IHDR, because sharp would convert the pixels. */
function withProfile(png: Buffer, icc: Buffer): Buffer {
  const content = Buffer.concat([Buffer.from('iCCPP3\0\0', 'latin1'), deflateSync(icc)]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(content.length - 4);
  const sum = Buffer.alloc(4);
  sum.writeUInt32BE(crc32(content));
  return Buffer.concat([png.subarray(0, 33), length, content, sum, png.subarray(33)]);
}
