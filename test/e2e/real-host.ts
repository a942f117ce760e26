import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';
import { DEFAULT_SETTINGS, type Service, type Settings } from '../../electron/contract.ts';
import { BROWSER_CAPABILITIES } from '../../electron/host/capabilities.ts';
import { type Host, startHost } from '../../electron/host/host.ts';
import { forkEngine } from '../../electron/service/fork-engine.ts';
import { createService } from '../../electron/service/service.ts';
import type { FakeEngine } from '../service/fake-engine.ts';
import { scratchFolder, serviceOptions } from '../service/test-service.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
/** Apart from dist/, so that a test never serves, or destroys, a build somebody else made. */
const page = join(root, 'test/artefacts/page');

export const artefacts = join(root, 'test/artefacts');

let built: Promise<string> | undefined;

/** The page of the sources as they are; built only when they changed since the last time. */
export function builtPage(): Promise<string> {
  built ??= (async () => {
    const stamp = sourceStamp(join(root, 'renderer'));
    const stampFile = join(artefacts, 'page.stamp');
    if (existsSync(stampFile) && readFileSync(stampFile, 'utf8') === stamp) return page;
    // The page that ships: under the test runner's NODE_ENV Svelte would compile its development checks into it.
    const { NODE_ENV } = process.env;
    process.env.NODE_ENV = 'production';
    try {
      await build({
        configFile: join(root, 'renderer/vite.config.ts'),
        logLevel: 'error',
        build: { outDir: page, emptyOutDir: true, reportCompressedSize: false },
      });
    } finally {
      process.env.NODE_ENV = NODE_ENV;
    }
    writeFileSync(stampFile, stamp);
    return page;
  })();
  return built;
}

/** Changes whenever a file below the folder does. */
function sourceStamp(folder: string): string {
  const hash = createHash('sha256').update('production');
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort()) {
    const path = join(folder, name);
    if (statSync(path).isFile()) hash.update(name).update(readFileSync(path));
  }
  return hash.digest('hex');
}

export interface RunningHost {
  readonly host: Host;
  readonly service: Service;
  /** Everything of it: state, cache, uploads, and exports in `out`. */
  readonly folder: string;
  readonly out: string;
  close(): Promise<void>;
}

export interface RealHostOptions {
  /** A scripted engine instead of the real one with the real weights. */
  readonly fake?: FakeEngine;
  readonly folder?: string;
  readonly settings?: Partial<Settings>;
}

/** The localhost host over the service over the real engine in its own process, as people run it. */
export async function openRealHost({ fake, folder, settings }: RealHostOptions = {}): Promise<RunningHost> {
  const scratch = folder === undefined ? scratchFolder() : { path: folder, remove: () => {} };
  const options = serviceOptions(scratch.path, fake);
  const service = await createService({
    ...options,
    capabilities: BROWSER_CAPABILITIES,
    ...(!fake && { launchEngine: () => forkEngine() }),
    ...(settings && { settings: { initial: { ...DEFAULT_SETTINGS, ...settings } } }),
  });
  const host = await startHost({ service, rendererDir: await builtPage(), uploadDir: join(scratch.path, 'uploads') });
  return {
    ...{ host, service, folder: scratch.path, out: options.outputDir ?? join(scratch.path, 'out') },
    async close() {
      await host.close();
      await service.close();
      await rm(join(scratch.path, 'uploads'), { recursive: true, force: true });
      scratch.remove();
    },
  };
}
