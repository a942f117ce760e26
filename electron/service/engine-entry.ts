/** The engine's process. Started by the service (or by Electron's main for it) and ended with it. */
import { forgetDevices, listDevices } from '../engine/device/device.ts';
import { defaultModelsDir, loadModelPair } from '../engine/network/model.ts';
import { openSession } from '../engine/run/session.ts';
import { serveEngine } from './engine-server.ts';
import { endWithParentOnly, parentPort } from './parent-port.ts';

endWithParentOnly();
const port = await parentPort();
const modelsDir = process.env.FOURFOLD_MODELS ?? defaultModelsDir();
serveEngine(port, {
  loadModels: () => loadModelPair(modelsDir),
  openSession,
  listDevices: (models) => listDevices(models),
  forgetDevices: (models) => forgetDevices(models),
});
port.onClose(() => process.exit());
