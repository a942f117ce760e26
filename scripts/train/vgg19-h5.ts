/** Keras's own HDF5 weights of VGG19 (`…_notop.h5`), read with h5wasm. */
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import type { NamedTensor } from './checkpoint.ts';

/** The part of h5wasm used here; the package itself is only there after the training has been set up. */
interface Hdf5 {
  ready: Promise<{ FS: { writeFile(path: string, bytes: Uint8Array): void; unlink(path: string): void } }>;
  File: new (path: string, mode: 'r') => { paths(): string[]; get(path: string): unknown; close(): void };
}

interface Dataset {
  shape: number[];
  value: Float32Array;
}

const packageName = 'h5wasm/node';

/** Tensors under the names of the layers model: `block1_conv1/kernel`, `block1_conv1/bias`. */
export async function readKerasWeights(path: string): Promise<Map<string, NamedTensor>> {
  const h5 = (await import(/* @vite-ignore */ packageName)) as Hdf5;
  const { FS } = await h5.ready;
  // The package sees a file system of its own, in memory.
  const inside = `/${basename(path)}`;
  FS.writeFile(inside, readFileSync(path));
  const file = new h5.File(inside, 'r');
  try {
    const tensors = new Map<string, NamedTensor>();
    for (const where of file.paths()) {
      const match = /(block\d_conv\d)\/(?:.*\/)?(?:block\d_conv\d_)?(W|b|kernel|bias)(?:_\d+)?(?::0)?$/.exec(where);
      if (!match) continue;
      const { shape, value } = file.get(where) as Dataset;
      const kind = match[2] === 'W' || match[2] === 'kernel' ? 'kernel' : 'bias';
      tensors.set(`${match[1]}/${kind}`, { shape, values: Float32Array.from(value) });
    }
    return tensors;
  } finally {
    file.close();
    FS.unlink(inside);
  }
}
