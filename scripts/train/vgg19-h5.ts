/** Keras's own HDF5 weights of VGG19 (`…_notop.h5`), read with h5wasm. */
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import type { NamedTensor } from './checkpoint.ts';

/** Tensors under the names of the layers model: `block1_conv1/kernel`, `block1_conv1/bias`. */
export async function readKerasWeights(path: string): Promise<Map<string, NamedTensor>> {
  const h5 = await import('h5wasm/node');
  const { FS } = await h5.ready;
  // The package sees a file system of its own, in memory.
  const inside = `/${basename(path)}`;
  FS.writeFile(inside, readFileSync(path));
  const file = new h5.File(inside, 'r');
  try {
    const tensors = new Map<string, NamedTensor>();
    for (const where of file.paths()) {
      const match = /(block\d_conv\d)\/(?:.*\/)?(?:block\d_conv\d_)?(W|b|kernel|bias)(?:_\d+)?(?::0)?$/.exec(where);
      const set = match && file.get(where);
      if (!match || !(set instanceof h5.Dataset) || !set.shape) continue;
      const kind = match[2] === 'W' || match[2] === 'kernel' ? 'kernel' : 'bias';
      tensors.set(`${match[1]}/${kind}`, { shape: set.shape, values: Float32Array.from(set.value as Float32Array) });
    }
    return tensors;
  } finally {
    file.close();
    FS.unlink(inside);
  }
}
