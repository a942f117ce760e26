/** A host of its own process over the scripted engine, for killing: prints its address, then serves until it dies. */
import { fakeEngine } from '../service/fake-engine.ts';
import { openRealHost } from './real-host.ts';

const [folder, tileMs] = process.argv.slice(2);
const { host } = await openRealHost({ fake: fakeEngine({ tileMs: Number(tileMs) }), folder: folder! });
console.log(host.entry);
