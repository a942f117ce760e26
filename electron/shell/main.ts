import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { app } from 'electron';
import { fenceContents } from './fences.ts';
import type { SecondStart } from './open-with.ts';
import { registerScheme } from './page-scheme.ts';
import { pathsOf } from './photo-files.ts';
import { builtPaths, Program } from './program.ts';
import { startService } from './start-service.ts';

/** Windows shows notifications and recent documents only of a program with this id; the installer uses the same. */
const APP_ID = 'app.fourfold.desktop';

// These three must be in place before Electron is ready.
registerScheme();
fenceContents(app);
app.setAppUserModelId(APP_ID);

const here = fileURLToPath(new URL('.', import.meta.url));
const paths = pathsOf(process.argv.slice(1), process.cwd(), app.getAppPath());

// A second start hands its photos to the first one and goes.
if (app.requestSingleInstanceLock({ paths } satisfies SecondStart)) {
  const program = new Program({
    ...builtPaths(here),
    startService: () => startService(join(resources(), 'models')),
    licences: licencesFile(),
    paths,
  });
  void app.whenReady().then(() => program.run());
  // `npm run dev` says when the page was built anew.
  if (!app.isPackaged) process.on('message', (message) => message === 'reload' && program.reload());
} else app.quit();

/** Where models and licences lie: beside the archive once installed, in the repository while developing. */
function resources(): string {
  return app.isPackaged ? process.resourcesPath : join(here, '../..');
}

function licencesFile(): string {
  return join(resources(), app.isPackaged ? 'licences.txt' : 'build/licences.txt');
}
