import { accessSync, constants, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { run } from './command.mjs'
import { cacheDir, productNode, root } from './place.mjs'

const dayMs = 24 * 60 * 60 * 1000
const waitForDownloadMs = 20_000

/**
 * @typedef {{ path: string } | { missing: string }} Electron
 * @typedef {{ electronDir?: string, env?: NodeJS.ProcessEnv }} Place
 */

/** The executable of the electron package, if it is on this disk. @param {Place} [place] @returns {string | undefined} */
export function findElectron({ electronDir = path.join(root, 'node_modules', 'electron'), env = process.env } = {}) {
  const pathFile = path.join(electronDir, 'path.txt')
  const named = existsSync(pathFile) ? readFileSync(pathFile, 'utf8').trim() : undefined
  const override = env.ELECTRON_OVERRIDE_DIST_PATH
  const file = override ? path.join(override, named ?? 'electron') : named && path.join(electronDir, 'dist', named)
  return file && isExecutable(file) ? file : undefined
}

/** Why no window can open on this machine; undefined where one can. @param {NodeJS.Platform} platform @param {NodeJS.ProcessEnv} env */
export function noDisplayReason(platform = process.platform, env = process.env) {
  if (platform === 'darwin' || platform === 'win32' || env.DISPLAY || env.WAYLAND_DISPLAY) return undefined
  return 'no display here (neither DISPLAY nor WAYLAND_DISPLAY is set)'
}

/** As root on Linux, Electron refuses to start with its sandbox. */
export const mustGoWithoutSandbox = process.platform === 'linux' && process.getuid?.() === 0

/**
 * Finds Electron, or lets its own installer fetch it. A slow download goes on behind the running console; one that
 * failed is not tried again within a day.
 * @param {(text: string) => void} say @returns {Promise<Electron>}
 */
export async function obtainElectron(say) {
  const found = findElectron()
  if (found) return { path: found }
  const electronDir = path.join(root, 'node_modules', 'electron')
  const { version } = JSON.parse(readFileSync(path.join(electronDir, 'package.json'), 'utf8'))
  const memory = failureMemory(path.join(cacheDir, 'electron', `${version}-failed-at`))
  const failedAt = memory.read()
  if (failedAt) return { missing: `Electron could not be fetched at ${failedAt}, and is tried again a day later` }
  say(`fetching Electron ${version}`)
  const download = run(productNode, [path.join(electronDir, 'install.js')])
  const ended = await Promise.race([download, delay(waitForDownloadMs, undefined, { ref: false })])
  const fetched = findElectron()
  if (fetched) return { path: fetched }
  memory.write()
  if (!ended) return { missing: `Electron ${version} is still being fetched; a later start opens the window` }
  return { missing: `Electron ${version} could not be fetched (${firstLine(ended.output)})` }
}

/** @param {string} file @param {() => number} nowMs */
export function failureMemory(file, nowMs = Date.now) {
  return {
    /** When it failed, in words, if that is less than a day ago. */
    read() {
      if (!existsSync(file)) return undefined
      const failedAtMs = Number(readFileSync(file, 'utf8'))
      const ageMs = nowMs() - failedAtMs
      return ageMs >= 0 && ageMs < dayMs ? new Date(failedAtMs).toISOString() : undefined
    },
    write() {
      mkdirSync(path.dirname(file), { recursive: true })
      writeFileSync(file, String(nowMs()))
    },
  }
}

/** @param {string} file */
function isExecutable(file) {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/** @param {string} text */
const firstLine = (text) => text.trim().split('\n')[0] || 'no reason given'
