import { copyFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * The C++ runtime onnxruntime is linked against. A clean Windows has none of it, and without it the binding fails to
 * load with error 126. Electron brings its own, linked in.
 */
export const VC_RUNTIME = [
  'msvcp140.dll',
  'msvcp140_1.dll',
  'msvcp140_atomic_wait.dll',
  'vcruntime140.dll',
  'vcruntime140_1.dll',
] as const;

/**
 * Lays the runtime beside onnxruntime_binding.node, where Windows looks first.
 * @param appOutDir the unpacked program, e.g. release/win-unpacked
 * @param from the folder `Microsoft.VC143.CRT` of that architecture in Visual Studio's VC/Redist
 */
export async function placeVcRuntime(
  appOutDir: string,
  arch: 'x64' | 'arm64',
  from: string | undefined,
): Promise<void> {
  if (!from) throw new Error('VC_RUNTIME_DIR must name the folder Microsoft.VC143.CRT of Visual Studio’s VC/Redist.');
  const target = join(appOutDir, 'resources/app.asar.unpacked/node_modules/onnxruntime-node/bin/napi-v6/win32', arch);
  await mkdir(target, { recursive: true });
  for (const name of VC_RUNTIME) await copyFile(join(from, name), join(target, name));
}
