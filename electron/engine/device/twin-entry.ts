/** One of a twin runtime's two threads (twin-runtime.ts): the graph, and one answer a request. */
import { parentPort, workerData } from 'node:worker_threads';
import { toPlainError } from '../errors.ts';
import { openRuntime } from './runtime.ts';
import type { TwinAnswer, TwinStart } from './twin-runtime.ts';

const { model, options } = workerData as TwinStart;
const answer = (message: TwinAnswer) =>
  parentPort!.postMessage(message, message.samples ? [message.samples.buffer as ArrayBuffer] : []);
try {
  const runtime = await openRuntime(model, options);
  parentPort!.on('message', async (samples: Uint8Array | null) => {
    try {
      if (samples) answer({ samples: (await runtime.run(samples)) as Uint8Array });
      else {
        await runtime.close();
        parentPort!.close();
      }
    } catch (error) {
      answer({ error: toPlainError(error) });
    }
  });
  answer({});
} catch (error) {
  answer({ error: toPlainError(error) });
}
