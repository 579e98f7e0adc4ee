import { existsSync, rmSync } from 'node:fs'
import path from 'node:path'
import { run } from './command.mjs'
import { withLock } from './lock.mjs'
import { productNode, root, toolScript } from './place.mjs'
import { isSameContent, readStamp, takeStamp, writeStamp } from './stamp.mjs'
import { StepFailed } from './steps.mjs'

const stampFile = path.join(root, 'out', '.stamp.json')
const pageFile = path.join(root, 'out', 'renderer', 'index.html')
const inputs = [
  'src-renderer',
  'src-preload',
  'src-main',
  'cluster',
  'resources',
  'electron.vite.config.ts',
  'vite.config.ts',
  'package.json',
  'package-lock.json',
  'tsconfig.base.json',
]

/** @param {string} file */
const isBuilt = (file) => !/\.test\.tsx?$|^src-main\/launch\/|^cluster\/(jobs|deploy|bench)\/|\.md$/.test(file)

/**
 * Builds the page and the Electron shell into out/, unless their sources are those of the last build.
 * @param {(text: string) => void} say @returns {Promise<string>}
 */
export async function ensureBuilt(say) {
  return withLock(path.join(root, 'out', '.lock'), async () => {
    const earlier = readStamp(stampFile)
    const now = takeStamp(root, inputs, isBuilt, earlier)
    if (earlier && existsSync(pageFile) && isSameContent(earlier, now)) {
      writeStamp(stampFile, now)
      return 'up to date'
    }
    say(earlier ? 'the sources have changed: building' : 'building the page and the shell')
    // A build that is interrupted leaves neither the old page nor the new one.
    rmSync(stampFile, { force: true })
    const ended = await run(productNode, [toolScript('electron-vite'), 'build'])
    if (ended.code !== 0) throw new StepFailed(`${ended.output}\nThe build failed; the message above says where.`)
    if (!existsSync(pageFile)) throw new StepFailed(`The build ended well but did not write ${path.relative(root, pageFile)}.`)
    writeStamp(stampFile, now)
    return 'built'
  })
}
