import { argv } from 'node:process';
import { browserLoop } from './browser-loop.ts';
import { buildParts, type Part } from './build.ts';
import { findElectron } from './electron-binary.ts';
import { electronLoop } from './electron-loop.ts';
import type { Loop } from './loop.ts';

// `npm run dev [-- --browser]`: builds on every change. In Electron a changed page is loaded again and anything else
// starts the program again; in the browser the page changes in place (vite) and the host starts again behind it.

const electron = argv.includes('--browser') ? undefined : findElectron();
if (!electron && !argv.includes('--browser'))
  console.log("Electron's program is not on this machine: the browser edition on 127.0.0.1 instead.");
const parts: Part[] = electron ? ['node', 'preload', 'renderer'] : ['node'];

const missing = new Set<Part>(parts);
let loop: Loop | undefined;
let soon: NodeJS.Timeout | undefined;
let restart = false;

await buildParts(parts, {
  watch: true,
  onBuilt(part) {
    missing.delete(part);
    restart ||= part !== 'renderer';
    clearTimeout(soon);
    // Several parts may be built by one saved file.
    if (missing.size === 0) soon = setTimeout(() => void follow(), 150);
  },
});

async function follow(): Promise<void> {
  if (!loop) loop = electron ? electronLoop(electron) : await browserLoop();
  else if (restart) loop.restart();
  else loop.reload();
  restart = false;
}
