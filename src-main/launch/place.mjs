import { existsSync, readFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

/** The root of this checkout. */
export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..', '..')

/** Downloads and builds shared by all checkouts of this user; the same folder as the host's. */
export const cacheDir =
  process.env.SIGNALBOX_CACHE_DIR ?? path.join(process.env.XDG_CACHE_HOME ?? path.join(os.homedir(), '.cache'), 'signalbox')

/** What this checkout may lose at any time: it goes with node_modules. */
export const scratchDir = path.join(root, 'node_modules', '.cache', 'signalbox')

/** The Node that runs the product; `npm ci` puts it there. */
export const productNode = path.join(root, 'node_modules', 'node', 'bin', process.platform === 'win32' ? 'node.exe' : 'node')

/** Has Node keep what it compiled, types stripped: a host, or one of its threads, then starts in little more than half the time. */
export const compileCache = { NODE_COMPILE_CACHE: path.join(scratchDir, 'compiled') }

/** The script behind a command of an installed package. @param {string} packageName @param {string} [command] */
export function toolScript(packageName, command = packageName) {
  const packageDir = path.join(root, 'node_modules', packageName)
  const { bin } = JSON.parse(readFileSync(path.join(packageDir, 'package.json'), 'utf8'))
  return path.join(packageDir, typeof bin === 'string' ? bin : bin[command])
}

/** The environment of every child: installed commands, and the product's Node, come first on the PATH. */
export function childEnv(extra = {}) {
  const bin = path.join(root, 'node_modules', '.bin')
  return { ...process.env, PATH: `${bin}${path.delimiter}${process.env.PATH ?? ''}`, ...extra }
}

/** @param {string} command → its full path, or undefined where the PATH has no such file. */
export function onPath(command) {
  const folders = (process.env.PATH ?? '').split(path.delimiter)
  return folders.map((folder) => path.join(folder, command)).find((file) => existsSync(file))
}
