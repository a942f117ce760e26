import { fileURLToPath } from 'node:url';
import { svelte, vitePreprocess } from '@sveltejs/vite-plugin-svelte';
import { runnerImport } from 'vite';
import { vi } from 'vitest';
import type { Events, Hello, PageMethod } from '../../electron/contract.ts';
import type { Connection } from '../../renderer/client.ts';
import type { App } from '../../renderer/state/app.svelte.ts';

type Answer = (params: never) => unknown;

/** The page's state with nothing on screen, and a service that says what the test tells it to. */
export interface StateUnderTest {
  readonly app: App;
  readonly requests: { method: string; params: unknown }[];
  readonly answers: Map<string, Answer>;
  emit<E extends keyof Events>(event: E, data: Events[E]): void;
  /** What was asked under one name. */
  asked(method: PageMethod | `shell.${string}`): unknown[];
}

/**
 * The state classes are Svelte modules: they go through its compiler, not through the test runner alone. `navigator` is
 * what the browser has beside languages.
 */
export async function loadState(hello: Hello, navigator: object = {}): Promise<StateUnderTest> {
  vi.stubGlobal('document', { documentElement: { dataset: {} } });
  vi.stubGlobal('navigator', { languages: ['en'], ...navigator });
  vi.stubGlobal('matchMedia', () => ({ matches: false }));
  const { module } = await runnerImport<{ App: typeof App }>(
    fileURLToPath(new URL('../../renderer/state/app.svelte.ts', import.meta.url)),
    { logLevel: 'error', plugins: [svelte({ configFile: false, preprocess: vitePreprocess() })] },
  );
  const requests: StateUnderTest['requests'] = [];
  const answers = new Map<string, Answer>();
  const listeners = new Map<string, ((data: never) => void)[]>();
  const connection = {
    request: async (method: string, params: unknown) => {
      requests.push({ method, params });
      return (await answers.get(method)?.(params as never)) ?? null;
    },
    onEvent: (event: string, listener: (data: never) => void) => {
      listeners.set(event, [...(listeners.get(event) ?? []), listener]);
      return () => {};
    },
    grant: async () => (await answers.get('grant')?.(null as never)) ?? { grants: [] },
  } as unknown as Connection;
  answers.set('app.hello', () => hello);
  answers.set('recent.list', () => ({ recent: [] }));
  return {
    app: new module.App(connection, hello),
    requests,
    answers,
    emit: (event, data) => {
      for (const listener of listeners.get(event) ?? []) listener(data as never);
    },
    asked: (method) => requests.filter((each) => each.method === method).map((each) => each.params),
  };
}
