import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

const checkMs = 250

/**
 * Calls back when the npm that runs this script is gone: killed, it can pass no signal on. Outside npm there is nobody
 * to watch, and a console started with nohup keeps running.
 * @param {() => void} callback @returns {() => void} ends the watch
 */
export function whenNpmIsGone(callback) {
  if (!process.env.npm_lifecycle_event || process.platform === 'win32') return () => undefined
  const parent = process.ppid
  const npm = npmAbove(parent)
  const timer = setInterval(() => {
    if (process.ppid !== parent || !isAlive(npm)) callback()
  }, checkMs)
  return () => clearInterval(timer)
}

/** Between npm and its script stands a shell, unless that shell has replaced itself by the script. @param {number} parent */
function npmAbove(parent) {
  const { name, ppid } = readProcess(parent)
  return /^-?(ba|da|z|k)?sh$/.test(name) ? ppid : parent
}

/** @param {number} pid @returns {{ name: string, ppid: number }} */
function readProcess(pid) {
  const found = process.platform === 'linux' ? /\((.*)\) \S (\d+)/s.exec(readFileSync(`/proc/${pid}/stat`, 'utf8')) : null
  if (found) return { name: found[1] ?? '', ppid: Number(found[2]) }
  const [ppid = '', name = ''] = execFileSync('ps', ['-o', 'ppid=,comm=', '-p', String(pid)], { encoding: 'utf8' })
    .trim()
    .split(/\s+/)
  return { name: name.split('/').at(-1) ?? '', ppid: Number(ppid) }
}

/** @param {number} pid */
function isAlive(pid) {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return /** @type {NodeJS.ErrnoException} */ (error).code === 'EPERM'
  }
}
