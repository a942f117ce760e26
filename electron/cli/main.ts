import { fourfoldVersion } from '../engine/version.ts';
import { EXIT, runCommand } from './arguments.ts';

// Whoever reads the output may leave (`| head`); the photos go on.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});

// The engine (onnxruntime, sharp) is loaded by the action that needs it: --help answers at once.
process.exitCode = await runCommand(process.argv.slice(2), fourfoldVersion(), {
  enhance: async (paths, options) => (await import('./enhance.ts')).enhance(paths, options),
  devices: async (options) => (await import('./devices.ts')).devices(options),
}).catch((error: unknown) => {
  console.error(error instanceof Error ? (error.stack ?? error.message) : String(error));
  return EXIT.someFailed;
});
