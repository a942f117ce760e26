import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { env, listSupportedBackends } from 'onnxruntime-node';
import { type Finding, finding } from '../finding.ts';
import { loadModelPair, type ModelPair } from '../network/model.ts';
import type { Precision } from '../network/precision.ts';
import { DEVICE_ORDER, DEVICE_TITLE, type DeviceKind } from './device-kind.ts';
import { graphicsNames, processorName } from './device-name.ts';
import { type DeviceVerdict, probeDevice } from './device-probe.ts';
import { unavailable } from './runtime.ts';
import { VerdictStore } from './verdict-store.ts';

/** A device as `fourfold devices` shows it. */
export interface DeviceInfo {
  readonly kind: DeviceKind;
  readonly name: string;
  /** It did a real run with the right numbers. */
  readonly available: boolean;
  /** What a person should know: why not, or how fast. */
  readonly note?: Finding;
}

export interface DeviceChoice {
  readonly kind: DeviceKind;
  readonly name: string;
  /** For a device other than the processor: what it runs in. */
  readonly precision: Precision;
  readonly why: Finding;
}

/** A graphics device must be this much faster than the processor in its best precision to be taken unasked. */
const WORTH_IT = 1.2;

/** What did not work is tried again after this: a driver may have been installed. */
const A_DAY_MS = 86_400_000;

/**
 * The device a session will run on. A named one is proven by a real run or refused; `auto` takes the first in order
 * that works and is faster than the processor. Verdicts are remembered a machine, runtime and model.
 * @throws FourfoldError `device-unavailable`
 */
export async function chooseDevice(
  wanted: DeviceKind | 'auto',
  precision: Precision | 'auto',
  models: ModelPair,
  store = new VerdictStore(),
): Promise<DeviceChoice> {
  const cpu: DeviceChoice = { kind: 'cpu', name: processorName(), precision: 'fp32', why: finding('processor') };
  if (wanted === 'cpu') return cpu;
  if (wanted !== 'auto') {
    const reason = absent(wanted);
    if (reason) throw unavailable(wanted, reason.sentence);
    const verdict = await remembered(wanted, models, store);
    const works = runnable(verdict, precision);
    if (!works) throw unavailable(wanted, (verdict.problem ?? finding('precision-missing', { precision })).sentence);
    const why = finding('device-asked', { device: verdict.name, precision: works });
    return { kind: wanted, name: verdict.name, precision: works, why };
  }
  // int8 is the processor's own; asking for it says where.
  if (precision === 'int8') return cpu;
  for (const kind of await candidates()) {
    const verdict = await remembered(kind, models, store);
    const works = runnable(verdict, precision);
    if (works && verdict.faster >= WORTH_IT) {
      const said = { device: verdict.name, times: verdict.faster.toFixed(1), precision: works };
      return { kind, name: verdict.name, precision: works, why: finding('device-faster', said) };
    }
  }
  return cpu;
}

/** Everything there is, by name, tried for real where it was not before. */
export async function listDevices(models?: ModelPair, store = new VerdictStore()): Promise<DeviceInfo[]> {
  const found: DeviceInfo[] = [];
  for (const kind of DEVICE_ORDER) {
    if (kind === 'cpu') found.push({ kind, name: processorName(), available: true });
    else if (!listSupportedBackends().some(({ name }) => name === kind)) continue;
    else found.push(await inspect(kind, models, store));
  }
  return found;
}

/** Forgets what was found out about the graphics devices: the next session tries them again. */
export async function forgetDevices(models: ModelPair, store = new VerdictStore()): Promise<void> {
  for (const kind of DEVICE_ORDER) store.write(await verdictKey(kind, models), undefined);
}

async function inspect(kind: DeviceKind, models: ModelPair | undefined, store: VerdictStore): Promise<DeviceInfo> {
  const reason = absent(kind) ?? ((await graphicsNames()).length === 0 ? finding('no-graphics') : undefined);
  if (reason) return { kind, name: DEVICE_TITLE[kind], available: false, note: reason };
  const { name, problem, precisions, faster } = await remembered(kind, models ?? (await loadModelPair()), store);
  const note = problem ?? finding('works', { precisions: precisions.join(', '), times: faster.toFixed(1) });
  return { kind, name, available: precisions.length > 0, note };
}

function runnable({ precisions }: DeviceVerdict, precision: Precision | 'auto'): Precision | undefined {
  if (precision !== 'auto') return precisions.includes(precision) ? precision : undefined;
  return precisions.includes('fp16') ? 'fp16' : precisions[0];
}

async function candidates(): Promise<DeviceKind[]> {
  const possible = DEVICE_ORDER.filter((kind) => kind !== 'cpu' && !absent(kind));
  return possible.length > 0 && (await graphicsNames()).length > 0 ? possible : [];
}

/** Why the runtime on this machine cannot even try this device; undefined when it can. */
function absent(kind: DeviceKind): Finding | undefined {
  if (!listSupportedBackends().some(({ name }) => name === kind))
    return finding('not-in-build', { platform: process.platform });
  if (kind === 'cuda' && !existsSync(cudaLibrary())) return finding('library-missing');
  return undefined;
}

function cudaLibrary(): string {
  const folder = dirname(createRequire(import.meta.url).resolve('onnxruntime-node/package.json'));
  const file = process.platform === 'win32' ? 'onnxruntime_providers_cuda.dll' : 'libonnxruntime_providers_cuda.so';
  return join(folder, 'bin', 'napi-v6', process.platform, process.arch, file);
}

function remembered(kind: DeviceKind, models: ModelPair, store: VerdictStore): Promise<DeviceVerdict> {
  return rememberedVerdict(kind, models, store, probeDevice);
}

/** The verdict on a device, from the store or from a probe that is then kept there. */
export async function rememberedVerdict(
  kind: DeviceKind,
  models: ModelPair,
  store: VerdictStore,
  probe: (kind: DeviceKind, models: ModelPair) => Promise<Omit<DeviceVerdict, 'name'>>,
): Promise<DeviceVerdict> {
  const key = await verdictKey(kind, models);
  const known = store.read<DeviceVerdict & { readonly at: number }>(key);
  if (known && (!known.problem || Date.now() - known.at < A_DAY_MS)) return known;
  // Written before the attempt: a device that takes the whole process with it is not tried at the next start.
  const name = (await graphicsNames())[0] ?? DEVICE_TITLE[kind];
  store.write(key, {
    name,
    precisions: [],
    faster: 0,
    problem: finding('process-ended'),
    at: Date.now(),
  });
  // A process that ends in order meanwhile was stopped, and not by the device; one that crashes gets no word in.
  const forget = () => store.write(key, undefined);
  process.once('exit', forget);
  try {
    const verdict = { name, ...(await probe(kind, models)) };
    store.write(key, { ...verdict, at: Date.now() });
    return verdict;
  } finally {
    process.removeListener('exit', forget);
  }
}

async function verdictKey(kind: DeviceKind, models: ModelPair): Promise<string> {
  return ['device', kind, ...(await graphicsNames()), processorName(), env.versions.node ?? '', models.id].join('|');
}
