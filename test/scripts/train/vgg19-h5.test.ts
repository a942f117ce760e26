import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { readKerasWeights } from '../../../scripts/train/vgg19-h5.ts';

/** The package belongs to the training, which a fresh clone has not set up. */
const module = resolve(import.meta.dirname, '../../../scripts/train/node_modules/h5wasm/dist/node/hdf5_hl.js');

test.skipIf(!existsSync(module))("reads Keras's own names from HDF5", async () => {
  const h5 = await import(/* @vite-ignore */ module);
  const { FS } = await h5.ready;
  const kernel = Float32Array.from({ length: 27 * 2 }, (_, i) => i);
  const file = new h5.File('/made.h5', 'w');
  const group = file.create_group('block1_conv1');
  group.create_dataset({ name: 'block1_conv1_W_1:0', data: kernel, shape: [3, 3, 3, 2], dtype: '<f4' });
  group.create_dataset({ name: 'block1_conv1_b_1:0', data: Float32Array.of(1, 2), shape: [2], dtype: '<f4' });
  file.create_group('block1_pool');
  file.close();
  const folder = mkdtempSync(join(tmpdir(), 'fourfold-h5-'));
  writeFileSync(join(folder, 'vgg19.h5'), FS.readFile('/made.h5'));
  const tensors = await readKerasWeights(join(folder, 'vgg19.h5'));
  rmSync(folder, { recursive: true });
  expect([...tensors.keys()].sort()).toEqual(['block1_conv1/bias', 'block1_conv1/kernel']);
  expect(tensors.get('block1_conv1/kernel')).toEqual({ shape: [3, 3, 3, 2], values: kernel });
});
