import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs'
import path from 'node:path'
import { run } from './command.mjs'
import { withLock } from './lock.mjs'
import { cacheDir, onPath } from './place.mjs'
import { StepFailed } from './steps.mjs'

// OpenAI's own client for Python: tests hold the gateway to it. Nothing of the product runs on Python.
const client = 'openai==3.57.0'

/**
 * A Python with OpenAI's client, in an environment of its own in the cache.
 * @param {(say: string) => void} say @returns {Promise<string>} the path of the interpreter
 */
export async function ensureTestPython(say) {
  const home = path.join(cacheDir, 'test-python')
  const folder = path.join(home, client.replace('==', '-'))
  const python = path.join(folder, 'bin', 'python')
  return withLock(path.join(home, '.lock'), async () => {
    if (existsSync(path.join(folder, 'ready'))) return python
    const system = onPath('python3')
    if (!system) throw new StepFailed('The tests of the HTTP API need a python3 (3.9 or newer) on the PATH.')
    say(`installing ${client} for tests`)
    mkdirSync(home, { recursive: true })
    rmSync(folder, { recursive: true, force: true })
    await step(system, ['-m', 'venv', folder])
    await step(python, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', client])
    const marker = path.join(folder, 'ready')
    mkdirSync(`${marker}.next`)
    renameSync(`${marker}.next`, marker)
    return python
  })
}

/** @param {string} file @param {string[]} args */
async function step(file, args) {
  const ended = await run(file, args, { timeoutMs: 10 * 60_000 })
  if (ended.code !== 0) throw new StepFailed(`${ended.output}\n${path.basename(file)} ${args.join(' ')} failed.`)
}
