import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { english } from '../../renderer/i18n/english.ts';

const renderer = fileURLToPath(new URL('../../renderer', import.meta.url));
const sources = readdirSync(renderer, { recursive: true, encoding: 'utf8' })
  .filter((name) => /\.(svelte|ts)$/.test(name) && !/^i18n.(english|traditional-chinese)/.test(name))
  .map((name) => readFileSync(join(renderer, name), 'utf8'))
  .join('\n');

/** Whether the sources say `group.key`, look the group up by a name (`group[…]`), or give it a name of its own. */
function isUsed(group: string, key: string): boolean {
  const says = (pattern: string) => new RegExp(pattern).test(sources);
  if (says(`\\b${group}\\??\\.${key}\\b`) || says(`\\b${group}\\[`)) return true;
  const isNamed = says(`= (i18n\\.)?t\\.${group};`) || says(`\\{ [^}]*\\b${group}\\b[^}]* \\} = (i18n\\.)?t\\.`);
  return isNamed && says(`\\.${key}\\b`);
}

function* unused(words: object, group: string): Generator<string> {
  for (const [key, value] of Object.entries(words))
    if (value !== null && typeof value === 'object' && !Array.isArray(value)) {
      if (!isUsed(group, key) || !new RegExp(`\\b${key}\\[`).test(sources)) yield* unused(value, key);
    } else if (!isUsed(group, key)) yield `${group}.${key}`;
}

test('every word of the catalogues is used', () => {
  // `LANGUAGES` are catalogues too, each asked for what it calls itself.
  expect([...unused(english, 't')].filter((word) => word !== 't.ownName')).toEqual([]);
});
