import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'
import { childEnv, root } from './place.mjs'

/**
 * @typedef {{ code: number, output: string, timedOut: boolean }} Ended
 * @typedef {{ cwd?: string, env?: Record<string, string>, live?: boolean, timeoutMs?: number }} Options
 */

/** @type {Set<import('node:child_process').ChildProcess>} */
const running = new Set()

/**
 * Runs a command to its end and keeps what it printed; `live` shows it meanwhile.
 * @param {string} file @param {string[]} args @param {Options} [options] @returns {Promise<Ended>}
 */
export function run(file, args, { cwd = root, env = {}, live = false, timeoutMs } = {}) {
  return new Promise((resolve) => {
    const child = spawn(file, args, {
      cwd,
      env: childEnv(process.stdout.isTTY ? { FORCE_COLOR: '1', ...env } : env),
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: process.platform !== 'win32',
    })
    running.add(child)
    let output = ''
    let timedOut = false
    for (const [stream, screen] of /** @type {const} */ ([
      [child.stdout, process.stdout],
      [child.stderr, process.stderr],
    ])) {
      stream.setEncoding('utf8').on('data', (text) => {
        output += text
        if (live) screen.write(text)
      })
    }
    const timer =
      timeoutMs === undefined
        ? undefined
        : setTimeout(() => {
            timedOut = true
            killGroup(child, 'SIGKILL')
          }, timeoutMs)
    /** @param {number} code */
    const end = (code) => {
      clearTimeout(timer)
      running.delete(child)
      resolve({ code, output, timedOut })
    }
    child.on('error', (error) => {
      output += `${file}: ${error.message}\n`
      end(127)
    })
    child.on('close', (code) => end(code ?? 1))
  })
}

/**
 * A child leads a process group of its own, so that what it started ends with it.
 * @param {import('node:child_process').ChildProcess} child @param {NodeJS.Signals} signal
 */
export function killGroup(child, signal) {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return
  try {
    if (process.platform === 'win32') child.kill(signal)
    else process.kill(-child.pid, signal)
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'ESRCH') throw error
  }
}

/** Ends the commands that still run, and waits for that. */
export async function endCommands() {
  const children = [...running]
  const ended = Promise.all(children.map((child) => once(child, 'close')))
  for (const child of children) killGroup(child, 'SIGTERM')
  await Promise.race([ended, delay(3_000, undefined, { ref: false })])
  for (const child of children) killGroup(child, 'SIGKILL')
}

/** When somebody interrupts this process, its commands end first. @returns {() => void} gives interrupts back to the caller */
export function endCommandsOnInterrupt() {
  return onInterrupt(() => void endCommands().then(() => process.exit(130)))
}

/** @param {() => void} handler @returns {() => void} removes the handler */
export function onInterrupt(handler) {
  const signals = /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])
  for (const signal of signals) process.on(signal, handler)
  return () => signals.forEach((signal) => process.off(signal, handler))
}
