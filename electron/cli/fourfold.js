#!/usr/bin/env node
// The `fourfold` command: the sources through tsx where they lie beside this file, the built program otherwise.
import { existsSync } from 'node:fs';

const source = new URL('./main.ts', import.meta.url);
if (existsSync(source)) {
  const { register } = await import('tsx/esm/api');
  register();
  await import(source.href);
} else await import(new URL('../../dist/cli/main.js', import.meta.url).href);
