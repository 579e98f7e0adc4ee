import { runChecks } from './checks.mjs'
import { endCommands, endCommandsOnInterrupt } from './command.mjs'
import { ensurePackages } from './packages.mjs'
import { collectResults } from './results.mjs'
import { runJourneys, runVitest } from './runners.mjs'
import { runMain, seconds, startSteps } from './steps.mjs'
import { prepareBuild, prepareKubernetes, prepareTests, prepareVllm } from './test-setup.mjs'

const started = Date.now()
const step = startSteps({ title: 'Signalbox: every check and every test', write: (text) => process.stdout.write(text) })

await runMain(async () => {
  endCommandsOnInterrupt()
  await step('Packages', ensurePackages)
  const results = collectResults()
  const env = await prepareTests(results)
  await runChecks(results, { env })
  // The fault tests open the console too.
  await prepareBuild(results)
  const [vllm, kubernetes] = await Promise.all([prepareVllm(results), prepareKubernetes(results)])
  // A vLLM server takes a minute to start, and the others mostly wait.
  await Promise.all([testOnModelAndServers(), testOnVllm()])
  await results.step('journeys', () => runJourneys({ env }))
  await endCommands()
  process.stdout.write(`All steps took ${seconds(started)}\n`)
  return results.finish()

  async function testOnModelAndServers() {
    await results.step('tests on a real model', () => runVitest('model', { env, live: true }))
    await results.step('tests on a real nats-server, a real object store and a real Kubernetes server', () =>
      runVitest('nats', { env: { ...env, ...kubernetes }, live: true }),
    )
    await results.step('fault tests', () => runVitest('fault', { env }))
  }

  function testOnVllm() {
    return results.step('tests on a real vLLM server', () => runVitest('vllm', { env: { ...env, ...vllm } }))
  }
})
