import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { brotliDecompressSync } from 'node:zlib';

/**
 * A Vulkan driver that needs no graphics device: SwiftShader, out of the test browser's package. Unpacked once into a
 * folder of the system's temporary files.
 * @returns what the environment of a process must hold for WebGPU to find it; undefined where there is none to be had
 */
export function softwareVulkan(): Record<string, string> | undefined {
  if (process.platform !== 'linux' || process.arch !== 'x64') return undefined;
  const packed = join(packageFolder(), 'bin', 'swiftshader.tar.br');
  if (!existsSync(packed)) return undefined;
  const folder = join(tmpdir(), 'fourfold-software-vulkan');
  if (!existsSync(folder)) unpack(readFileSync(packed), folder);
  // The Vulkan loader lies beside the driver; a machine without graphics has none of its own.
  return environment(join(folder, 'vk_swiftshader_icd.json'), folder);
}

const SYSTEM_DRIVERS = '/usr/share/vulkan/icd.d';

/**
 * A Vulkan driver that computes on the processor in half precision too: Mesa's (Debian's mesa-vulkan-drivers, 24 or later),
 * which no package of the registry brings. Its description file is named by `FOURFOLD_VULKAN_DRIVER` or found in the system.
 * @returns as `softwareVulkan`
 */
export function halfPrecisionVulkan(): Record<string, string> | undefined {
  if (process.platform !== 'linux') return undefined;
  const installed = existsSync(SYSTEM_DRIVERS)
    ? readdirSync(SYSTEM_DRIVERS).find((name) => /^lvp_/.test(name))
    : undefined;
  const icd = process.env.FOURFOLD_VULKAN_DRIVER ?? (installed && join(SYSTEM_DRIVERS, installed));
  if (!icd || !existsSync(icd)) return undefined;
  const { ICD } = JSON.parse(readFileSync(icd, 'utf8')) as { ICD: { library_path: string } };
  return environment(icd, dirname(resolve(dirname(icd), ICD.library_path)));
}

/** The driver described by `icd`, and the folder its libraries are looked for in first. */
function environment(icd: string, folder: string): Record<string, string> {
  const libraries = [folder, process.env.LD_LIBRARY_PATH].filter(Boolean).join(':');
  return { VK_ICD_FILENAMES: icd, VK_DRIVER_FILES: icd, LD_LIBRARY_PATH: libraries };
}

function packageFolder(): string {
  let folder = dirname(createRequire(import.meta.url).resolve('@sparticuz/chromium'));
  while (!existsSync(join(folder, 'package.json'))) folder = dirname(folder);
  return existsSync(join(folder, 'bin')) ? folder : join(folder, '..', '..');
}

/** The files of a tar archive, flat; 512-byte headers, name at 0, size in octal at 124. */
function unpack(packed: Buffer, folder: string): void {
  const archive = brotliDecompressSync(packed);
  const draft = `${folder}.${process.pid}`;
  mkdirSync(draft, { recursive: true });
  for (let at = 0; at + 512 <= archive.length && archive[at] !== 0; ) {
    const header = (from: number, length: number) =>
      archive.toString('latin1', at + from, at + from + length).replace(/\0.*$/s, '');
    const name = header(0, 100).split('/').at(-1)!;
    const size = Number.parseInt(header(124, 12), 8);
    if (name && size > 0)
      writeFileSync(join(draft, name), archive.subarray(at + 512, at + 512 + size), { mode: 0o755 });
    at += 512 + Math.ceil(size / 512) * 512;
  }
  if (existsSync(folder)) rmSync(draft, { recursive: true });
  else renameSync(draft, folder);
}
