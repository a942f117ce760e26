import type { DeviceState } from '../../electron/contract.ts';
import type { Catalogue } from '../i18n/english.ts';

/** The chip: "GPU · NVIDIA RTX 4060", "CPU · 35k px/s", "CPU, GPU failed", "Measuring". */
export function deviceWords(device: DeviceState, t: Catalogue): string {
  const kind = t.device.kinds[device.kind];
  if (device.state === 'measuring') return t.device.measuring;
  if (device.state === 'warning') return t.device.warning(kind, faultWords(device, t));
  if (device.kind === 'cpu') return device.rate === null ? kind : t.device.chip(kind, rateWords(device.rate, t));
  return t.device.chip(kind, device.name);
}

/** What went wrong, in a word or three; the sentence is in the dialog. */
function faultWords({ error, kind }: DeviceState, t: Catalogue): string {
  const { faults } = t.device;
  switch (error?.code) {
    case 'device-lost':
      return kind === 'cpu' ? faults.gpuFailed : faults.restarted;
    case 'device-memory':
      return faults.memory;
    case 'result-wrong':
      return faults.wrong;
    case 'device-unavailable':
      return faults.unavailable;
    case 'model-altered':
      return faults.model;
    case 'engine-stopped':
    case 'engine-unavailable':
      return faults.engine;
    default:
      return faults.other;
  }
}

/** Source px a second in thousands. */
export const rateWords = (rate: number, t: Catalogue): string =>
  t.device.rate(t.formatNumber(rate / 1000, rate < 10_000 ? 1 : 0));

/** Provider and name of a device, once where they say the same. */
export const deviceName = (kind: string, name: string): string =>
  name === '' || name === kind ? kind : `${kind} · ${name}`;
