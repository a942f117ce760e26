import { svelte, vitePreprocess } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vite';

/** The page: the same files in Electron and in the browser edition, so everything is addressed from the root. */
export default defineConfig({
  root: import.meta.dirname,
  base: '/',
  plugins: [svelte({ configFile: false, preprocess: vitePreprocess(), compilerOptions: { runes: true } })],
  build: {
    outDir: '../dist/renderer',
    emptyOutDir: true,
    target: 'chrome120',
    // Data URLs and inlined preload scripts would need holes in the content policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
});
