import type { DeviceState } from '../../electron/contract.ts';
import type { Catalogue } from '../i18n/english.ts';

/** The chip: "GPU · NVIDIA RTX 4060", "CPU · 35k px/s", "CPU, GPU failed", "Measuring". */
export function deviceWords(device: DeviceState, t: Catalogue): string {
  const kind = t.device.kinds[device.kind];
  if (device.state === 'measuring') return t.device.measuring;
  if (device.state === 'warning') return t.device.failedOver(kind, t.device.kinds.webgpu);
  if (device.kind === 'cpu') return device.rate === null ? kind : t.device.chip(kind, rateWords(device.rate, t));
  return t.device.chip(kind, device.name);
}

/** Source px a second in thousands. */
export const rateWords = (rate: number, t: Catalogue): string =>
  t.device.rate(t.formatNumber(rate / 1000, rate < 10_000 ? 1 : 0));

/** Provider and name of a device, once where they say the same. */
export const deviceName = (kind: string, name: string): string =>
  name === '' || name === kind ? kind : `${kind} · ${name}`;
