import { defineConfig } from 'vitest/config';

// The engine takes both cores for a tile, so files run one after another: a test that measures is not
// disturbed by its neighbours, and the total is no longer than in parallel.
export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    pool: 'forks',
    fileParallelism: false,
    testTimeout: 60_000,
    hookTimeout: 120_000,
    // So that its `import 'electron'` meets the double of test/shell, not the package that downloads a binary.
    server: { deps: { inline: ['electron-store'] } },
  },
});
