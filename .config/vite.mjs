// Builds the web desk into dist/ui: hashed names, no inline script or style, nothing from outside.
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

export default defineConfig({
  root: 'coordinator/ui',
  plugins: [react()],
  build: {
    outDir: '../../dist/ui',
    emptyOutDir: true,
    assetsDir: 'ui',
    // Inlined files would be data: URLs, which the content security policy refuses but for images.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    target: 'es2023',
  },
});
