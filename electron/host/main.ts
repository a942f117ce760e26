/** `fourfold` in the browser: starts the service and the host, prints the address. */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { basename, extname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { Grant, Hello } from '../contract.ts';
import { forkService } from '../service/fork-service.ts';
import { superviseService } from '../service/supervisor.ts';
import { BROWSER_CAPABILITIES } from './capabilities.ts';
import { hostFolders } from './folders.ts';
import { startHost } from './host.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    open: { type: 'boolean', default: false },
    port: { type: 'string' },
    output: { type: 'string' },
    state: { type: 'string' },
    cache: { type: 'string' },
    models: { type: 'string' },
  },
});

const here = fileURLToPath(import.meta.url);
const fromSource = extname(here) === '.ts';
const rendererDir = fileURLToPath(new URL(fromSource ? '../../dist/renderer' : '../renderer', import.meta.url));
const folders = hostFolders();
const stateDir = resolve(values.state ?? folders.state);

if (!existsSync(join(rendererDir, 'index.html'))) {
  console.error(
    'The page is not built. Run `npm run build` first, or `npm start -- --browser`, which does it by itself.',
  );
  process.exit(1);
}
const uploadDir = join(stateDir, 'uploads');

const service = await superviseService({
  launch: (restored) =>
    forkService({
      ...{ stateDir, capabilities: BROWSER_CAPABILITIES, restored },
      cacheDir: resolve(values.cache ?? folders.cache),
      outputDir: resolve(values.output ?? folders.output),
      locale: Intl.DateTimeFormat().resolvedOptions().locale,
      ...(values.models !== undefined && { modelsDir: resolve(values.models) }),
    }),
  onGivenUp: () => {
    console.error(
      'Fourfold stopped again and again. Saved photos are intact. Start it again; report it if it repeats.',
    );
    process.exit(1);
  },
});
await clearUploads();
const host = await startHost({
  ...{ service, rendererDir, uploadDir },
  ...(values.port !== undefined && { port: Number(values.port) }),
});

console.log(`Fourfold is at ${host.entry}`);
console.log('Press Ctrl+C to end it. Photos stay on this computer.');
if (values.open) openBrowser(host.entry);
if (positionals.length > 0) await openPhotos(positionals.map((path) => resolve(path)));

/** One press of Ctrl+C may come from the terminal and be passed on by what started this; only a later one means "now". */
const ONE_PRESS_MS = 1000;

let closingSince: number | undefined;
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
  process.on(signal, async () => {
    if (closingSince !== undefined) {
      if (performance.now() - closingSince > ONE_PRESS_MS) process.exit(1);
      return;
    }
    closingSince = performance.now();
    await host.close();
    await clearUploads();
    await service.close();
    process.exit(0);
  });

/** Uploads stay as long as an unfinished album needs them: they are its sources, also after a restart. */
async function clearUploads(): Promise<void> {
  const answer = await service.answer({ id: 0, method: 'app.hello' }, 'page');
  if ('error' in answer) return;
  const { recovery, album, banners } = answer.result as Hello;
  const { waiting, running, paused } = album.counts;
  const elsewhere = banners.some(({ error }) => error.code === 'queue-in-use');
  if (!recovery && !elsewhere && waiting + running + paused === 0)
    await rm(uploadDir, { recursive: true, force: true });
}

/** Photos named on the command line open as soon as a page is there to hear of them. */
async function openPhotos(paths: string[]): Promise<void> {
  const files = paths.map((path) => ({ path, name: basename(path) }));
  const answer = await service.answer({ id: 0, method: 'grants.add', params: { files, use: 'read' } }, 'owner');
  if ('error' in answer) return;
  const { grants } = answer.result as { grants: Grant[] };
  await service.answer({ id: 0, method: 'photos.open', params: { grants: grants.map(({ id }) => id) } }, 'page');
}

function openBrowser(address: string): void {
  const [program, ...args] =
    process.platform === 'darwin'
      ? ['open', address]
      : process.platform === 'win32'
        ? ['rundll32', 'url.dll,FileProtocolHandler', address]
        : ['xdg-open', address];
  spawn(program!, args, { stdio: 'ignore', detached: true })
    .on('error', () => {})
    .unref();
}
