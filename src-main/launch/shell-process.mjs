import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { killGroup, onInterrupt } from './command.mjs'
import { whenNpmIsGone } from './npm-watch.mjs'
import { childEnv, compileCache, productNode, root } from './place.mjs'

const stopLimitMs = 10_000
const serverMain = 'src-main/server/main.ts'

/** Options of V8 that have the host's memory follow its work; the Electron shell gives them too. @type {string[]} */
const hostMemory = JSON.parse(readFileSync(path.join(root, 'src-main', 'host-memory.json'), 'utf8'))

/**
 * @typedef {{ code: number, aliveMs: number, wasStopped: boolean }} Ended how it ended, and whether we had asked it to
 * @typedef {{ stdout: import('node:stream').Readable | null, ended: Promise<Ended> }} ShellProcess
 */

/**
 * The server shell. Its IPC channel carries nothing: when this process dies, however suddenly, the channel closes and
 * the server stops by itself instead of holding the data directory.
 * @param {string[]} args @param {'inherit' | 'pipe'} stdout @returns {ShellProcess}
 */
export function startServerShell(args, stdout) {
  return startShell(productNode, [...hostMemory, serverMain, ...args], ['ignore', stdout, 'inherit', 'ipc'])
}

/** @param {string} file @param {string[]} args @returns {ShellProcess} */
export function startElectronShell(file, args) {
  return startShell(file, args, ['ignore', 'inherit', 'inherit'])
}

/**
 * The shell stops when this process is told to stop, or when the npm that started it is gone.
 * @param {string} file @param {string[]} args @param {import('node:child_process').StdioOptions} stdio @returns {ShellProcess}
 */
function startShell(file, args, stdio) {
  const startedAtMs = Date.now()
  // A group of its own: Ctrl-C reaches this process alone, which then stops the shell once and in order.
  const child = spawn(file, args, { cwd: root, env: childEnv(compileCache), stdio, detached: process.platform !== 'win32' })
  let wasStopped = false
  const stop = () => {
    if (wasStopped) return
    wasStopped = true
    // Windows has no SIGTERM; there a closed channel is the way to ask.
    if (process.platform === 'win32' && child.connected) child.disconnect()
    else child.kill('SIGTERM')
    setTimeout(() => killGroup(child, 'SIGKILL'), stopLimitMs).unref()
  }
  const release = onInterrupt(stop)
  const endWatch = whenNpmIsGone(stop)
  /** @type {Promise<Ended>} */
  const ended = new Promise((resolve) => {
    child.on('error', (error) => {
      process.stderr.write(`${file}: ${error.message}\n`)
      resolve({ code: 127, aliveMs: 0, wasStopped })
    })
    child.on('close', (code, signal) => {
      const isInOrder = wasStopped && signal === 'SIGTERM'
      resolve({ code: code ?? (isInOrder ? 0 : 1), aliveMs: Date.now() - startedAtMs, wasStopped })
    })
  })
  const endedAndReleased = ended.finally(() => {
    release()
    endWatch()
  })
  return { stdout: child.stdout, ended: endedAndReleased }
}
