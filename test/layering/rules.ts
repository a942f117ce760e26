import { builtinModules } from 'node:module';
import { packageOf, type Source, target } from './imports.ts';

interface Rule {
  /** Rooms this one may import, besides itself. `name:types` means as types only. */
  readonly rooms: readonly string[];
  /** Packages it may import; `undefined` = any but electron's. */
  readonly packages?: readonly string[];
  readonly node: boolean;
}

/** What every corner of the engine may use: how a fault or a finding is said, what the machine has left, where its own files lie. */
const FAULTS = [
  'electron/engine/errors.ts',
  'electron/engine/file-errors.ts',
  'electron/engine/finding.ts',
  'electron/engine/resources.ts',
  'electron/engine/user-folders.ts',
];

/** The README's table. A room is the longest prefix that fits. */
export const ROOMS: Readonly<Record<string, Rule>> = {
  // The way of a photo from the first step to the last; its steps lie in the corners below it.
  'electron/engine': {
    rooms: ['electron/engine/photo', 'electron/engine/network', 'electron/engine/run', 'electron/engine/output'],
    packages: ['sharp', 'onnxruntime-node', 'onnxruntime-common'],
    node: true,
  },
  'electron/engine/photo': { rooms: FAULTS, packages: ['sharp'], node: true },
  'electron/engine/network': { rooms: FAULTS, packages: ['protobufjs'], node: true },
  'electron/engine/device': {
    rooms: [...FAULTS, 'electron/engine/network'],
    packages: ['onnxruntime-node', 'onnxruntime-common'],
    node: true,
  },
  'electron/engine/run': {
    rooms: [...FAULTS, 'electron/engine/photo', 'electron/engine/network', 'electron/engine/device'],
    packages: ['sharp', 'onnxruntime-node', 'onnxruntime-common'],
    node: true,
  },
  'electron/engine/output': {
    rooms: [...FAULTS, 'electron/engine/photo'],
    packages: ['sharp', 'fast-xml-parser'],
    node: true,
  },
  'electron/engine/album': { rooms: ['electron/engine'], packages: [], node: true },
  'electron/contract.ts': {
    rooms: ['electron/engine:types', 'electron/engine/errors.ts'],
    packages: ['valibot'],
    node: false,
  },
  'electron/service': {
    rooms: ['electron/engine', 'electron/contract.ts'],
    packages: ['valibot', 'sharp'],
    node: true,
  },
  'electron/cli': { rooms: ['electron/engine'], packages: ['commander', 'cli-progress', 'tsx'], node: true },
  'electron/host': {
    rooms: [
      'electron/service',
      'electron/contract.ts',
      'electron/engine/errors.ts',
      'electron/engine/file-errors.ts',
      'electron/engine/user-folders.ts',
    ],
    packages: ['ws'],
    node: true,
  },
  'electron/shell': {
    rooms: ['electron/contract.ts', 'electron/service', 'electron/engine/errors.ts'],
    packages: ['electron', 'electron-store'],
    node: true,
  },
  renderer: { rooms: ['electron/contract.ts:types'], packages: ['svelte'], node: false },
  'renderer/vite.config.ts': { rooms: ['renderer'], packages: ['vite', '@sveltejs/vite-plugin-svelte'], node: true },
  scripts: { rooms: ['electron/engine', 'electron/contract.ts', 'electron/host', 'electron/service'], node: true },
  // What is measured is what the tests prove: the same carriers, the same service.
  'scripts/bench': {
    rooms: [
      'scripts',
      'electron/engine',
      'electron/contract.ts',
      'electron/host',
      'electron/service',
      'test/contract',
      'test/service',
    ],
    node: true,
  },
  build: { rooms: [], node: true },
  test: { rooms: ['electron', 'renderer', 'scripts', 'build', 'electron/shell'], node: true },
};

/** Packages that hold Electron itself: only electron/shell may know of them. */
const ELECTRONS = ['electron', 'electron-store'];

/** Tests that put a double in its place, and may know its types. */
const DOUBLES = /^test\/(shell|contract)\//;

const inside = (path: string, room: string) => path === room || path.startsWith(`${room}/`);

export function roomOf(path: string): string | undefined {
  return Object.keys(ROOMS)
    .filter((room) => inside(path, room))
    .sort((a, b) => b.length - a.length)[0];
}

/** Every broken line of the import table, as `file:line why`. */
export function brokenImports(sources: readonly Source[]): string[] {
  return sources.flatMap((source) =>
    source.imports.flatMap((each) => {
      const why = whyNot(source.path, each.specifier, each.typeOnly);
      return why ? [`${source.path}:${each.line} ${why}`] : [];
    }),
  );
}

function whyNot(path: string, specifier: string, typeOnly: boolean): string | undefined {
  const room = roomOf(path);
  if (!room) return `lies in no room of the table`;
  const rule = ROOMS[room]!;
  const aimed = target(path, specifier);
  if (aimed !== undefined) {
    if (!/\.(ts|js|cjs|mjs|svelte|css|json|svg|png|html)$/.test(aimed))
      return `imports ${specifier} without its ending`;
    if (roomOf(aimed) === room) return undefined;
    for (const allowed of rule.rooms) {
      const [where, only] = allowed.split(':') as [string, string?];
      if (inside(aimed, where) && (!only || typeOnly)) return undefined;
    }
    return `imports ${aimed}${typeOnly ? ' (types)' : ''}, which ${room} may not`;
  }
  const name = packageOf(specifier);
  if (name.startsWith('node:'))
    return rule.node || typeOnly ? undefined : `imports ${name}: ${room} does not run on Node`;
  if (builtinModules.includes(name)) return `imports ${name} without node:`;
  if (rule.packages?.includes(name)) return undefined;
  if (ELECTRONS.includes(name) && !DOUBLES.test(path)) return `imports ${name}: only electron/shell may`;
  return rule.packages ? `imports ${name}, which is not among the packages of ${room}` : undefined;
}

/** Every circle of imports once, as `a → b → a`. Types count: a circle of types is two nouns that are one. */
export function circles(sources: readonly Source[]): string[] {
  const edges = new Map(
    sources.map(({ path, imports }) => [
      path,
      imports.map(({ specifier }) => target(path, specifier)).filter((aimed) => aimed !== undefined),
    ]),
  );
  const found: string[] = [];
  const finished = new Set<string>();
  const walk = (path: string, trail: readonly string[]): void => {
    const start = trail.indexOf(path);
    if (start >= 0) {
      found.push([...trail.slice(start), path].join(' → '));
      return;
    }
    if (finished.has(path)) return;
    for (const next of edges.get(path) ?? []) walk(next, [...trail, path]);
    finished.add(path);
  };
  for (const path of edges.keys()) walk(path, []);
  return found;
}

const VAGUE = /^(utils?|helpers?|commons?|misc)$/;

/** Broken house rules about names and shapes of files. */
export function brokenNames(sources: readonly Source[]): string[] {
  return sources.flatMap(({ path, isBarrel, mutableExports }) => {
    const complaints: string[] = [];
    const parts = path.split('/');
    const stem = parts.at(-1)!.split('.')[0]!;
    if ([...parts.slice(0, -1), ...stem.split('-')].some((part) => VAGUE.test(part)))
      complaints.push(`${path}: the name says nothing`);
    const expected = path.endsWith('.svelte') ? /^[A-Z][A-Za-z0-9]*$/ : /^[a-z0-9]+(-[a-z0-9]+)*$/;
    if (!expected.test(stem)) complaints.push(`${path}: kebab-case, components PascalCase`);
    if (isBarrel) complaints.push(`${path}: a barrel`);
    if (mutableExports.length && !path.endsWith('.svelte'))
      complaints.push(`${path}: exports mutable ${mutableExports.join(', ')}`);
    return complaints;
  });
}
