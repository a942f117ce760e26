import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

export interface BinaryOptions {
  /** The folder of the `electron` package. */
  readonly packageDir?: string;
  /** How long its download may stay silent before it is given up, milliseconds. */
  readonly patienceMs?: number;
  readonly env?: NodeJS.ProcessEnv;
}

/**
 * Path of Electron's executable if it is on this machine, else undefined. The package's own `index.js` would start a
 * download and throw: this only looks.
 */
export function findElectron(options: BinaryOptions = {}): string | undefined {
  const packageDir = options.packageDir ?? electronPackage();
  if (!packageDir) return undefined;
  const pathFile = join(packageDir, 'path.txt');
  const executable = existsSync(pathFile) ? readFileSync(pathFile, 'utf8').trim() : undefined;
  const override = (options.env ?? process.env).ELECTRON_OVERRIDE_DIST_PATH;
  if (override) return existing(join(override, executable ?? defaultExecutable()));
  return executable === undefined ? undefined : existing(join(packageDir, 'dist', executable));
}

/**
 * Finds Electron's executable, and lets the package download it once where it is missing.
 * @returns its path, or why there is none in one sentence part
 */
export async function obtainElectron(options: BinaryOptions = {}): Promise<{ path: string } | { missing: string }> {
  const found = findElectron(options);
  if (found) return { path: found };
  const packageDir = options.packageDir ?? electronPackage();
  if (!packageDir) return { missing: 'the electron package is not installed' };
  const reason = await download(packageDir, options);
  const path = findElectron(options);
  return path ? { path } : { missing: reason };
}

/** Runs the package's own installer; resolves to why it failed (never rejects). */
function download(packageDir: string, options: BinaryOptions): Promise<string> {
  return new Promise((done) => {
    const child = spawn(process.execPath, [join(packageDir, 'install.js')], {
      stdio: ['ignore', 'ignore', 'pipe'],
      env: options.env ?? process.env,
    });
    let words = '';
    const patience = setTimeout(() => child.kill(), options.patienceMs ?? 120_000);
    child.stderr.on('data', (chunk: Buffer) => {
      words += chunk.toString();
    });
    const end = (code: number | null) => {
      clearTimeout(patience);
      if (code === null) return done('its download took too long');
      done(`its download failed (${cause(words)})`);
    };
    child.on('error', () => end(1));
    child.on('close', end);
  });
}

/** The one telling word of a stack trace: a system code if there is one, else the first line. */
function cause(words: string): string {
  const code = words.match(/\b(E[A-Z_]{4,}|ERR_[A-Z_]+)\b/)?.[1];
  const first = words
    .split('\n', 1)[0]
    ?.replace(/^\w*Error: /, '')
    .slice(0, 100);
  return code || first || 'no reason given';
}

function electronPackage(): string | undefined {
  try {
    return dirname(createRequire(import.meta.url).resolve('electron/package.json'));
  } catch {
    return undefined;
  }
}

const existing = (path: string) => (existsSync(path) ? path : undefined);

function defaultExecutable(): string {
  if (process.platform === 'win32') return 'electron.exe';
  return process.platform === 'darwin' ? 'Electron.app/Contents/MacOS/Electron' : 'electron';
}
