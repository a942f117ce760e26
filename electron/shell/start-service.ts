import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { app, dialog } from 'electron';
import type { Capabilities, Service } from '../contract.ts';
import { superviseService } from '../service/supervisor.ts';
import { launchService } from './service-process.ts';
import { settingsStore } from './settings-store.ts';
import { wordsFor } from './words.ts';

const CAPABILITIES: Capabilities = {
  edition: 'electron',
  dialogs: true,
  showFile: true,
  recent: true,
  notifications: true,
  keepAwake: true,
  beside: true,
  upload: false,
};

/** The language the user's system speaks, as a BCP 47 tag. */
export function systemLocale(): string {
  return app.getPreferredSystemLanguages()[0] ?? app.getLocale();
}

/** Starts the service and keeps it alive; its settings live in the shell's store. @param modelsDir absolute */
export async function startService(modelsDir: string): Promise<Service> {
  const folder = app.getPath('userData');
  const settings = settingsStore(folder);
  const entry = (name: string) =>
    fileURLToPath(new URL(`../service/${name}${extname(import.meta.url)}`, import.meta.url));
  const service = await superviseService({
    launch: async (restored) =>
      launchService({
        serviceEntry: entry('entry'),
        engineEntry: entry('engine-entry'),
        modelsDir,
        start: {
          stateDir: join(folder, 'state'),
          cacheDir: join(folder, 'tiles'),
          capabilities: CAPABILITIES,
          locale: systemLocale(),
          modelsDir,
          restored,
          settings: { initial: settings.read(), bad: settings.aside !== undefined && !restored },
        },
      }),
    onGivenUp: () => {
      dialog.showErrorBox('Fourfold', wordsFor(settings.read().language ?? 'system', systemLocale()).stoppedForGood);
      app.exit(1);
    },
  });
  service.onEvent((message) => {
    if (message.event === 'settings.changed') settings.write(message.data);
  });
  return service;
}
