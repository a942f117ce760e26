import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder of test pictures and yardsticks that lie beside the repository, where there is one. */
export const shared = process.env.FOURFOLD_SHARED ?? fileURLToPath(new URL('../../shared', import.meta.url));

export const hasEval = existsSync(resolve(shared, 'data/eval/Set5'));
export const hasVgg = existsSync(resolve(shared, 'vgg19/model.json'));

export const evalSet = (name: string) => resolve(shared, 'data/eval', name);
