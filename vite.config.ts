import react from '@vitejs/plugin-react'
import { resolve } from 'node:path'
import type { Plugin, UserConfig } from 'vite'

/** electron-vite sets a relative base, with which a page opened at one of its inner routes would miss its files. */
const baseAtRoot: Plugin = { name: 'base-at-root', enforce: 'post', config: () => ({ base: '/' }) }

/** The page: one build serves both shells. */
export const page = {
  root: resolve(import.meta.dirname, 'src-renderer'),
  plugins: [react(), baseAtRoot],
  build: {
    outDir: resolve(import.meta.dirname, 'out', 'renderer'),
    emptyOutDir: true,
    minify: true,
    target: 'es2023',
    rolldownOptions: { input: resolve(import.meta.dirname, 'src-renderer', 'index.html') },
    // The page's policy allows no data: fonts.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
} satisfies UserConfig

export default page
