import type { App } from 'electron';
import { pathsOf } from './photo-files.ts';

export interface OpenWithOptions {
  readonly app: Pick<App, 'on'>;
  /** Photos the program was started with. */
  readonly first: readonly string[];
  /** Hands paths on; called only while the page listens. */
  readonly deliver: (paths: readonly string[]) => void;
  /** Shows the window, and opens one where there is none. */
  readonly show: () => void;
}

/** What a second start tells the first one, beside its command line (which Chromium may reorder). */
export interface SecondStart {
  readonly paths: readonly string[];
}

/**
 * Photos opened from outside: the command line, a second start, and on macOS `open-file`, which may come before
 * Electron is ready. They wait until the page listens.
 */
export function openWith({ app, first, deliver, show }: OpenWithOptions): {
  readonly pageListens: () => void;
  readonly pageGone: () => void;
} {
  const waiting: string[] = [...first];
  let listening = false;
  const flush = () => {
    if (listening && waiting.length > 0) deliver(waiting.splice(0));
  };
  const take = (paths: readonly string[]) => {
    waiting.push(...paths);
    flush();
  };
  app.on('open-file', (event, path) => {
    event.preventDefault();
    take([path]);
    show();
  });
  app.on('second-instance', (_event, argv, cwd, told) => {
    const paths = (told as Partial<SecondStart> | undefined)?.paths;
    take(paths ?? pathsOf(argv.slice(1), cwd));
    show();
  });
  return {
    pageListens() {
      listening = true;
      flush();
    },
    pageGone() {
      listening = false;
    },
  };
}
