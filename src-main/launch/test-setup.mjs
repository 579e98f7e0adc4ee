import path from 'node:path'
import { run } from './command.mjs'
import { ensureBuilt } from './console-build.mjs'
import { withLock } from './lock.mjs'
import { cacheDir, productNode } from './place.mjs'
import { StepFailed } from './steps.mjs'
import { ensureSystemPackages, findChromium } from './system-packages.mjs'
import { ensureTestElectron } from './test-electron.mjs'
import { ensureTestKubernetes } from './test-kubernetes.mjs'
import { ensureTestPython } from './test-python.mjs'
import { ensureTestVllm } from './test-vllm.mjs'

const modelLimitMs = 10 * 60_000

/**
 * Gets what tests need beside the packages. What could not be got counts as a failure, and the rest goes on.
 * @param {import('./results.mjs').Results} results
 * @returns {Promise<Record<string, string>>} the environment of the tests
 */
export async function prepareTests(results) {
  /** @type {Record<string, string>} */
  const env = {}
  await results.step('system packages', setUp(ensureSystemPackages))
  const chromium = findChromium()
  if (chromium) env.SIGNALBOX_CHROMIUM = chromium
  await results.step(
    'Electron for tests',
    setUp(async (say) => (env.SIGNALBOX_ELECTRON = await ensureTestElectron(say))),
  )
  await results.step(
    'Python client for tests',
    setUp(async (say) => (env.SIGNALBOX_TEST_PYTHON = await ensureTestPython(say))),
  )
  await results.step('first models', setUp(fetchFirstModels))
  return env
}

/**
 * Gets the vLLM server of the tests. @param {import('./results.mjs').Results} results
 * @returns {Promise<Record<string, string>>} what the tests' environment has more
 */
export async function prepareVllm(results) {
  /** @type {Record<string, string>} */
  const env = {}
  await results.step(
    'vLLM for tests',
    setUp(async (say) => (env.SIGNALBOX_VLLM = await ensureTestVllm(say, await fetchModel('starter')))),
  )
  return env
}

/**
 * Gets the Kubernetes server of the tests. @param {import('./results.mjs').Results} results
 * @returns {Promise<Record<string, string>>} what the tests' environment has more
 */
export async function prepareKubernetes(results) {
  /** @type {Record<string, string>} */
  const env = {}
  await results.step(
    'Kubernetes server for tests',
    setUp(async (say) => (env.SIGNALBOX_KUBERNETES = await ensureTestKubernetes(say))),
  )
  return env
}

/** @param {import('./results.mjs').Results} results */
export function prepareBuild(results) {
  return results.step('build', setUp(ensureBuilt))
}

/** @param {(say: (text: string) => void) => Promise<string>} work @returns {() => Promise<import('./results.mjs').Outcome>} */
function setUp(work) {
  return async () => {
    try {
      return { passed: 0, failed: 0, detail: await work((text) => void process.stdout.write(`  ${text} …\n`)) }
    } catch (error) {
      if (!(error instanceof StepFailed)) throw error
      return { passed: 0, failed: 1, output: error.message }
    }
  }
}

/** @param {(text: string) => void} say */
async function fetchFirstModels(say) {
  say('the starter model and the embedding model, 93 and 84 MB where they are not there yet')
  return `${await fetchModel('starter')}, ${await fetchModel('embedding')}`
}

/** By the code that the console itself uses. @param {'starter' | 'embedding'} model @returns {Promise<string>} its file */
async function fetchModel(model) {
  const ended = await withLock(path.join(cacheDir, `${model}-model.lock`), () =>
    run(productNode, ['cluster/adapters/catalogue/fetch-main.ts', model, path.join(cacheDir, 'models')], {
      timeoutMs: modelLimitMs,
    }),
  )
  if (ended.code !== 0) throw new StepFailed(`${ended.output}\nThe ${model} model could not be fetched.`)
  return ended.output.trim()
}
