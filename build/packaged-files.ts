/** Rooms of dist/ the installed program runs; the command line and the localhost host are for a checkout. */
const OWN = ['dist/{shell,service,engine,renderer}/**', 'dist/contract.js', '!dist/**/*.map', 'package.json'];

/**
 * Packages of node_modules that only a checkout, an install script or a type checker needs. electron-builder reads
 * nothing but `!` patterns for node_modules: everything production depends on goes in unless named here.
 */
export const LEFT_OUT = [
  // Runs TypeScript from a checkout.
  'tsx',
  'esbuild',
  '@esbuild',
  'fsevents',
  // valibot's optional peer.
  'typescript',
  // The command line's.
  'commander',
  'cli-progress',
  'string-width',
  'strip-ansi',
  'ansi-regex',
  'emoji-regex',
  'is-fullwidth-code-point',
  // The localhost host's.
  'ws',
  // onnxruntime-node's install script, which fetches CUDA.
  'adm-zip',
  'global-agent',
  'globalthis',
  'matcher',
  'serialize-error',
  'escape-string-regexp',
  'define-properties',
  'define-data-property',
  'has-property-descriptors',
  'object-keys',
  'gopd',
  'es-define-property',
  'es-errors',
] as const;

/** Files of packages that stay, but are never read by the running program. */
const DEAD_WEIGHT = [
  '!node_modules/onnxruntime-node/{script,lib}/**',
  '!node_modules/**/*.{md,markdown,map,ts,mts,cts,tsbuildinfo}',
  '!node_modules/**/{test,tests,docs,example,examples}/**',
  '!node_modules/protobufjs/{bin,dist,cli,scripts}/**',
  '!node_modules/sharp/{install,src}/**',
];

const RUNTIME = 'node_modules/onnxruntime-node/bin/napi-v6';

/**
 * What else each system leaves out: onnxruntime-node brings the binaries of all of them (288 MB).
 * `${arch}` is electron-builder's (x64, arm64), which onnxruntime-node's folders are called by as well.
 */
const FILES_OF = {
  win: [`!${RUNTIME}/{darwin,linux}/**`, `!${RUNTIME}/win32/!(\${arch})/**`],
  mac: [
    `!${RUNTIME}/{win32,linux}/**`,
    `!${RUNTIME}/darwin/!(\${arch})/**`,
    // The same library twice; the binding asks for libonnxruntime.1.dylib.
    `!${RUNTIME}/darwin/*/libonnxruntime.1.*.*.dylib`,
  ],
  linux: [`!${RUNTIME}/{darwin,win32}/**`, `!${RUNTIME}/linux/!(\${arch})/**`],
} as const;

/** The whole list for one system, in electron-builder's patterns. */
export function filesFor(system: keyof typeof FILES_OF): string[] {
  return [...OWN, `!node_modules/{${LEFT_OUT.join(',')}}{,/**/*}`, ...DEAD_WEIGHT, ...FILES_OF[system]];
}

/** Native code must be real files: it is loaded by the system, not by Node. */
export const UNPACKED = ['node_modules/onnxruntime-node/**', 'node_modules/sharp/**', 'node_modules/@img/**'];
