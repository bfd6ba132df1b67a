/**
 * How the page is built: into dist/console/web, for a server that sends a strict content security
 * policy, so nothing is put inline. Charts and the graph are chunks of their own, which come when a
 * screen needs them.
 */
import { resolve } from 'node:path'
import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

const here = import.meta.dirname

const config = defineConfig({
  root: here,
  base: '/',
  plugins: [react()],
  build: {
    outDir: resolve(here, '../../../dist/console/web'),
    emptyOutDir: true,
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 800,
    reportCompressedSize: false,
  },
})

export { config as default }
