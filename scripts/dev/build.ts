import { existsSync } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { argv } from 'node:process';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build, type InlineConfig } from 'vite';

/** The repository's folder, with a separator at the end. */
export const root = fileURLToPath(new URL('../../', import.meta.url));

export interface BuildOptions {
  /** Where the result goes: an absolute folder. */
  readonly outDir?: string;
  /** Keep running and build again whenever a source changes; `onBuilt` is then called after every build. */
  readonly watch?: boolean;
  readonly onBuilt?: (part: Part) => void;
}

/** `node`: everything main, service, host and command line run. `preload`: the one CommonJS file. `renderer`: the page. */
export type Part = 'node' | 'preload' | 'renderer';

/**
 * Every TypeScript file under electron/ that runs on Node, relative to the repository, `/` as separator.
 * A preload is built apart: in a sandbox it must be one CommonJS file that requires nothing but `electron`.
 */
export async function nodeSources(): Promise<string[]> {
  const found = await readdir(join(root, 'electron'), { recursive: true });
  return found
    .filter((name) => name.endsWith('.ts') && !name.endsWith('.d.ts') && !isPreload(name))
    .map((name) => `electron/${name.split(sep).join('/')}`)
    .sort();
}

const isPreload = (name: string) => name === join('shell', 'preload.ts');

/**
 * One file in, one file out, in the same folders: electron/engine/model.ts becomes dist/engine/model.js. So a path
 * beside a source (`../../models`, another process's entry) is the same path beside its built file.
 */
async function nodeConfig(options: BuildOptions): Promise<InlineConfig> {
  return {
    ...shared(options),
    build: {
      ...output(options),
      ssr: true,
      rolldownOptions: {
        input: (await nodeSources()).map((name) => join(root, name)),
        output: {
          format: 'es',
          preserveModules: true,
          preserveModulesRoot: join(root, 'electron'),
          entryFileNames: '[name].js',
        },
      },
    },
  };
}

function preloadConfig(options: BuildOptions): InlineConfig {
  return {
    ...shared(options),
    build: {
      ...output(options),
      ssr: true,
      rolldownOptions: {
        input: join(root, 'electron/shell/preload.ts'),
        external: ['electron'],
        output: { format: 'cjs', entryFileNames: 'shell/preload.cjs' },
      },
    },
    ssr: { noExternal: true, external: ['electron'] },
  };
}

function rendererConfig(options: BuildOptions): InlineConfig {
  return {
    configFile: join(root, 'renderer/vite.config.ts'),
    root: join(root, 'renderer'),
    logLevel: 'warn',
    build: {
      ...output(options),
      outDir: join(options.outDir ?? join(root, 'dist'), 'renderer'),
      emptyOutDir: true,
      rolldownOptions: { checks: { pluginTimings: false } },
    },
  };
}

const shared = (options: BuildOptions): InlineConfig => ({
  root,
  configFile: false,
  logLevel: options.watch ? 'warn' : 'error',
  publicDir: false,
});

const output = (options: BuildOptions) => ({
  outDir: options.outDir ?? join(root, 'dist'),
  emptyOutDir: false,
  minify: false as const,
  sourcemap: true,
  target: 'es2023',
  reportCompressedSize: false,
  watch: options.watch ? {} : null,
});

/** Builds the named parts (all three unless told), one after another; a part whose source is missing is left out. */
export async function buildParts(parts: readonly Part[], options: BuildOptions = {}): Promise<void> {
  const outDir = options.outDir ?? join(root, 'dist');
  for (const part of parts) {
    const config = await configOf(part, options);
    if (!config) continue;
    const result = await build(config);
    if ('on' in result) {
      result.on('event', (event) => {
        if (event.code === 'BUNDLE_END') options.onBuilt?.(part);
        if (event.code === 'ERROR') console.error(`${part}: ${event.error.message}`);
      });
      continue;
    }
    if (part === 'node') await removeStale(outDir, outputsOf(result));
    options.onBuilt?.(part);
  }
}

type BuildResult = Exclude<Awaited<ReturnType<typeof build>>, { on: unknown }>;
const outputsOf = (result: BuildResult) =>
  [result].flat().flatMap(({ output }) => output.map(({ fileName }) => fileName));

/** A source that was renamed or removed leaves no built file behind. A failed build removes nothing. */
async function removeStale(outDir: string, written: readonly string[]): Promise<void> {
  const kept = new Set(written.flatMap((name) => [name, `${name}.map`]));
  for (const room of ['engine', 'service', 'cli', 'host', 'shell'].filter((name) => existsSync(join(outDir, name))))
    for (const name of await readdir(join(outDir, room), { recursive: true })) {
      const path = `${room}/${name.split(sep).join('/')}`;
      if (/\.js(\.map)?$/.test(path) && !kept.has(path)) await rm(join(outDir, path));
    }
}

async function configOf(part: Part, options: BuildOptions): Promise<InlineConfig | undefined> {
  if (part === 'node') return nodeConfig(options);
  if (part === 'preload')
    return existsSync(join(root, 'electron/shell/preload.ts')) ? preloadConfig(options) : undefined;
  return existsSync(join(root, 'renderer/vite.config.ts')) ? rendererConfig(options) : undefined;
}

if (import.meta.url === pathToFileURL(argv[1] ?? '').href) {
  const started = performance.now();
  const asked = argv.slice(2) as Part[];
  try {
    await buildParts(asked.length ? asked : ['node', 'preload', 'renderer']);
    console.log(`Built into dist/ in ${((performance.now() - started) / 1000).toFixed(1)} s.`);
  } catch (error) {
    // The bundler's message names the file and shows the line; its stack is about itself.
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  }
}
