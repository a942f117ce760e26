import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { argv, env, exit, platform } from 'node:process';
import { buildParts, root } from './build.ts';
import { obtainElectron } from './electron-binary.ts';
import { passSignalsOn } from './pass-on.ts';

// `npm start [-- --browser] [-- photos…]`: the app in Electron, or the same app in the browser where Electron's program
// is not on this machine and cannot be had. Everything after the switches goes to the app as it is.
const passed = argv.slice(2).filter((argument) => argument !== '--browser');

await buildParts(['node', 'preload', 'renderer']);
const electron = argv.includes('--browser') ? undefined : await electronOrWhyNot();
if (electron) run(electron, [root, ...passed]);
else run(process.execPath, [join(root, 'dist/host/main.js'), '--open', ...passed]);

async function electronOrWhyNot(): Promise<string | undefined> {
  const slow = setTimeout(() => console.log("Fetching Electron's program, once (about 110 MB)."), 3000);
  const electron = await obtainElectron();
  clearTimeout(slow);
  const missing =
    'missing' in electron ? `Electron's program is not on this machine and ${electron.missing}` : noScreen();
  if (missing) console.log(`${missing}: opening the browser edition on 127.0.0.1 instead.`);
  return missing || 'missing' in electron ? undefined : electron.path;
}

function noScreen(): string | undefined {
  if (platform === 'linux' && !env.DISPLAY && !env.WAYLAND_DISPLAY) return 'There is no screen for Electron here';
  return undefined;
}

function run(program: string, args: readonly string[]): void {
  const child = spawn(program, args, { stdio: 'inherit' });
  passSignalsOn(() => child);
  child.on('error', (error) => {
    console.error(`${program} could not be started: ${error.message}`);
    exit(1);
  });
  child.on('exit', (code, signal) => exit(code ?? (signal === 'SIGINT' || signal === 'SIGTERM' ? 0 : 1)));
}
