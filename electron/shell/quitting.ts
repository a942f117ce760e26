import type { App, Event } from 'electron';

export interface QuittingOptions {
  readonly app: Pick<App, 'on' | 'quit'>;
  readonly busy: () => boolean;
  /** Asks "Keep working / Pause and quit"; true: quit. */
  readonly ask: () => Promise<boolean>;
  /** Pauses the album after the running tile and ends the service. */
  readonly closeService: () => Promise<void>;
  /** How long closing may take before the journal has to be enough, milliseconds. */
  readonly patienceMs?: number;
}

/**
 * Quitting in three steps: ask while work runs, let the service finish its tile and close, go. A kill at any moment
 * loses nothing either (the journal), so the last step never waits for ever.
 * @returns whether the user has agreed to quit: windows may close without asking
 */
export function orderlyQuit(options: QuittingOptions): { readonly agreed: () => boolean } {
  const { app, busy, ask, closeService, patienceMs = 10_000 } = options;
  let state: 'open' | 'asking' | 'closing' | 'closed' = 'open';

  const close = async (): Promise<void> => {
    state = 'closing';
    await Promise.race([closeService().catch(() => {}), new Promise((done) => setTimeout(done, patienceMs).unref())]);
    state = 'closed';
    app.quit();
  };
  app.on('before-quit', (event: Event) => {
    if (state === 'closed') return;
    event.preventDefault();
    if (state !== 'open') return;
    if (!busy()) {
      void close();
      return;
    }
    state = 'asking';
    void ask().then(
      (quit) => (quit ? close() : void (state = 'open')),
      () => void (state = 'open'),
    );
  });
  return { agreed: () => state === 'closing' || state === 'closed' };
}
