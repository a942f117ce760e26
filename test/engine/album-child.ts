// A process that works through an album with the real engine over a fake network, to be killed by album-kill.test.ts.
// Arguments: journal, output folder, sources… It waits for the message "go"; `KILL` names a point at which it kills itself.
import { Album } from '../../electron/engine/album/album.ts';
import { engineWork } from '../../electron/engine/album/album-work.ts';
import type { EnhanceEvent, PhotoSettings } from '../../electron/engine/enhance-options.ts';
import { openScratchFolder } from '../../electron/engine/output/scratch-folder.ts';
import { NetworkPool } from '../../electron/engine/run/network-pool.ts';
import { fakeModels, fakeSessions } from './fake-session.ts';

const [journal, output, ...sources] = process.argv.slice(2);
const die = (point: string) => {
  if (process.env.KILL === point) process.kill(process.pid, 'SIGKILL');
};

const sessions = fakeSessions(async ({ run }) => {
  await new Promise((done) => setTimeout(done, 2));
  die('tile');
  return run();
});
const network = new NetworkPool({ models: fakeModels, openSession: sessions.open });

process.once('message', async () => {
  const scratch = await openScratchFolder();
  const work = engineWork({ models: fakeModels, network, scratchDir: scratch.path });
  const album = await Album.open<PhotoSettings, EnhanceEvent>({
    journal: journal!,
    work: (photo, around) => {
      const inner = work(photo, {
        ...around,
        note(facts) {
          around.note(facts);
          // The finished file is in the journal, but has not got its name yet.
          if (facts.placing) die('placing');
        },
      });
      return {
        ...inner,
        get stage() {
          return inner.stage;
        },
        get ended() {
          return inner.ended;
        },
        async finish() {
          const finished = await inner.finish();
          // The file has its name, but the journal does not say so yet.
          die('placed');
          return finished;
        },
      };
    },
    onEvent: (event) => {
      if (event.kind === 'progress' && event.event.kind === 'stage') die(event.event.stage);
      if (event.kind === 'photo' && event.photo.state === 'done') die('done');
    },
  });
  const known = new Set(album.photos.map(({ source }) => source));
  const missing = sources.filter((source) => !known.has(source));
  album.add(
    missing.map((source) => ({
      source,
      settings: { blend: 0.5, tile: 16, format: 'jpeg', output: output!, outputIs: 'folder' },
    })),
  );
  die('added');
  await album.start();
  await album.close();
  await network.close();
  await scratch.remove();
  process.exit(0);
});
process.send?.('ready');
