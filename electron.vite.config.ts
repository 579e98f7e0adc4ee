import { resolve } from 'node:path'
import { defineConfig } from 'electron-vite'
import { page } from './vite.config.ts'

const source = (path: string) => resolve(import.meta.dirname, path)
const target = 'node24'

export default defineConfig({
  main: {
    build: {
      target,
      outDir: 'out/main',
      rolldownOptions: {
        input: {
          electron: source('src-main/electron/main.ts'),
          host: source('src-main/electron/host-process.ts'),
          engine: source('cluster/adapters/llama/engine-main.ts'),
          'sqlite-writer': source('cluster/adapters/sqlite/writer-thread.ts'),
          'validation-thread': source('cluster/adapters/validation/thread-main.ts'),
          'check-thread': source('cluster/adapters/checks/thread-main.ts'),
        },
        output: { entryFileNames: '[name].js', chunkFileNames: 'chunks/[name]-[hash].js' },
      },
    },
  },
  preload: {
    build: {
      target,
      outDir: 'out/preload',
      // A sandboxed preload script can load nothing but electron, and only as CommonJS.
      externalizeDeps: false,
      rolldownOptions: {
        input: { 'electron-preload': source('src-preload/electron-preload.ts') },
        output: { format: 'cjs', entryFileNames: '[name].cjs' },
      },
    },
  },
  renderer: page,
})
