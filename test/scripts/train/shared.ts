import { existsSync } from 'node:fs';
import { resolve } from 'node:path';

/** The folder of test pictures and yardsticks that lie beside the repository, where there is one. */
export const shared = process.env.FOURFOLD_SHARED ?? resolve(import.meta.dirname, '../../../../shared');

export const hasEval = existsSync(resolve(shared, 'data/eval/Set5'));
export const hasVgg = existsSync(resolve(shared, 'vgg19/model.json'));

export const evalSet = (name: string) => resolve(shared, 'data/eval', name);
