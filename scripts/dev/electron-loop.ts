import { root } from './build.ts';
import { Child } from './child.ts';
import type { Loop } from './loop.ts';

/** The program in Electron; its main process loads the page again when told `reload`. */
export function electronLoop(electron: string): Loop {
  const child = new Child(electron, [root], { stdio: ['inherit', 'inherit', 'inherit', 'ipc'] }, () => {});
  return { restart: () => child.replace(), reload: () => void child.current.send('reload') };
}
