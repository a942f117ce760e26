import { expect, test } from 'vitest';
import type { PlainError } from '../../electron/contract.ts';
import { deviceWords } from '../../renderer/components/device-words.ts';
import { english } from '../../renderer/i18n/english.ts';
import { helloOf } from './scripted-state.ts';

const words = (code: PlainError['code'], kind: 'cpu' | 'webgpu'): string => {
  const { device } = helloOf([]);
  return deviceWords({ ...device, state: 'warning', kind, error: { code, sentence: '' } }, english);
};

test('a warning names what went wrong, and never a device that is not there', () => {
  expect(words('device-lost', 'cpu')).toBe('CPU, GPU failed');
  expect(words('device-lost', 'webgpu')).toBe('GPU, stopped once');
  expect(words('device-memory', 'cpu')).toBe('CPU, memory ran out');
  expect(words('model-altered', 'cpu')).toBe('CPU, no model');
  expect(words('unexpected', 'cpu')).toBe('CPU, problem');
});
