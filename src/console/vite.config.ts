/** How the console is built: static files with names that carry their content's hash, and nothing asked of another host. */
import { fileURLToPath } from 'node:url';
import type { UserConfig } from 'vite';

export default {
  root: fileURLToPath(new URL('.', import.meta.url)),
  base: '/page/',
  logLevel: 'warn',
  // Otherwise Vite would load settings files from here upward.
  envDir: false,
  publicDir: false,
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  worker: { format: 'es' },
  build: {
    target: 'es2022',
    outDir: fileURLToPath(new URL('../../dist/page', import.meta.url)),
    emptyOutDir: true,
    assetsDir: '',
    // The policy of the page forbids data: URLs for anything but pictures.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 2_000,
    rolldownOptions: { checks: { pluginTimings: false } },
  },
} satisfies UserConfig;
