import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Marks the fuses in Electron's executable: this text, a version, how many, then one byte a fuse ('0' off, '1' on). */
const FUSE_MARK = 'dL7pKGdnNz796PbbjQWNKmHXBZaB9tsX';
const FUSES = [
  'runAsNode',
  'cookieEncryption',
  'nodeOptions',
  'nodeCliInspect',
  'asarIntegrity',
  'onlyLoadAppFromAsar',
  'browserSnapshot',
  'grantFileProtocol',
] as const;
export type Fuse = (typeof FUSES)[number];

/** A folder with the shape of Electron's for Linux, whose executable holds nothing but fuses as Electron ships them. */
export async function standInElectron(folder: string, version: string): Promise<string> {
  await mkdir(join(folder, 'locales'), { recursive: true });
  await mkdir(join(folder, 'resources'), { recursive: true });
  for (const language of ['en-US', 'de', 'zh-TW']) await writeFile(join(folder, 'locales', `${language}.pak`), '');
  await writeFile(join(folder, 'version'), version);
  const fuses = Buffer.from([1, FUSES.length, ...Buffer.from('10110001')]);
  await writeFile(
    join(folder, 'electron'),
    Buffer.concat([Buffer.from(`stand-in ${FUSE_MARK}`), fuses, Buffer.alloc(32)]),
    {
      mode: 0o755,
    },
  );
  return folder;
}

/** Which fuses are on in an executable. */
export function readFuses(executable: Buffer): Record<Fuse, boolean> {
  const start = executable.indexOf(FUSE_MARK) + FUSE_MARK.length + 2;
  return Object.fromEntries(FUSES.map((fuse, index) => [fuse, executable[start + index] === 0x31])) as Record<
    Fuse,
    boolean
  >;
}
