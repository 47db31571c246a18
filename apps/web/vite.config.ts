/** Builds the two entries, `index.html` (client) and `scan.html` (public scanner), the verifier page, and the service worker of the shell. */
import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';
import { VitePWA } from 'vite-plugin-pwa';
import { weighFirstLoad } from './dev/first-load.ts';
import { precompress } from './dev/precompress.ts';
import { buildVerifyPage } from './dev/verify-page.ts';

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  root: here('.'),
  plugins: [
    react(),
    weighFirstLoad(),
    buildVerifyPage(here('.')),
    VitePWA({
      strategies: 'generateSW',
      // The page registers the worker itself: an injected inline script would be refused by the content policy.
      injectRegister: false,
      registerType: 'autoUpdate',
      manifest: {
        id: '/',
        name: '지금 Jigeum',
        short_name: '지금',
        description: '이름으로 바로 보내는 돈',
        lang: 'ko',
        start_url: '/',
        scope: '/',
        display: 'standalone',
        orientation: 'portrait',
        background_color: '#f5f6f8',
        theme_color: '#f5f6f8',
        icons: [
          { src: '/icons/icon.svg', sizes: 'any', type: 'image/svg+xml' },
          { src: '/icons/icon-192.png', sizes: '192x192', type: 'image/png' },
          { src: '/icons/icon-512.png', sizes: '512x512', type: 'image/png' },
          { src: '/icons/icon-maskable-512.png', sizes: '512x512', type: 'image/png', purpose: 'maskable' },
        ],
        shortcuts: [
          { name: '보내기', url: '/send' },
          { name: '받기', url: '/receive' },
        ],
      },
      workbox: {
        // The shell only: script, style and page of the client. Fonts come from the HTTP cache; money never from any.
        globPatterns: ['index.html', 'assets/*.{js,css}', 'icons/*.svg', 'boot.js'],
        globIgnores: ['assets/scan-*', '**/*.woff2'],
        navigateFallback: '/index.html',
        navigateFallbackDenylist: [
          /^\/v1\//,
          /^\/scan/,
          /^\/verify/,
          /^\/openapi/,
          /^\/docs/,
          /^\/inbox/,
          /^\/(healthz|readyz|metrics)/,
        ],
        runtimeCaching: [],
        cleanupOutdatedCaches: true,
        skipWaiting: true,
        clientsClaim: true,
        sourcemap: false,
      },
    }),
    precompress(here('.'), ['verify.html']),
  ],
  build: {
    target: 'es2022',
    outDir: 'dist',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      input: { index: here('index.html'), scan: here('scan.html') },
      output: {
        // So that the worker of the client leaves the scanner's pages alone.
        chunkFileNames: (chunk) =>
          chunk.moduleIds.some((id) => /src\/(scan\/|i18n\/scan-)|packages\/symverse/.test(id))
            ? 'assets/scan-[name]-[hash].js'
            : 'assets/[name]-[hash].js',
        // What every first visit needs comes in a few files instead of forty small ones.
        codeSplitting: {
          groups: [
            { name: 'vendor', test: /node_modules\/(react|react-dom|scheduler|@tanstack|zod)\// },
            { name: 'base', test: /(packages\/(api|money|std)|src\/(state|ui))\/(?!.*(QrCode|PinPad|Keypad|Sheet))/ },
          ],
        },
      },
    },
  },
});
