/** The engine's process. Started by the service (or by Electron's main for it) and ended with it. */
import { defaultModelsDir, loadModelPair } from '../engine/model.ts';
import { openSession } from '../engine/session.ts';
import { type DeviceLine, serveEngine } from './engine-server.ts';
import { parentPort } from './parent-port.ts';

const port = await parentPort();
const modelsDir = process.env.FOURFOLD_MODELS ?? defaultModelsDir();
serveEngine(port, {
  loadModels: () => loadModelPair(modelsDir),
  openSession,
  listDevices: async (): Promise<DeviceLine[]> => [{ kind: 'cpu', name: 'CPU', note: '' }],
});
port.onClose(() => process.exit());
