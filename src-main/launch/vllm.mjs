import { endCommands, endCommandsOnInterrupt } from './command.mjs'
import { ensurePackages } from './packages.mjs'
import { collectResults } from './results.mjs'
import { runVitest } from './runners.mjs'
import { runMain, startSteps } from './steps.mjs'
import { prepareVllm } from './test-setup.mjs'

const step = startSteps({ title: 'Signalbox: tests on a real vLLM server', write: (text) => process.stdout.write(text) })

await runMain(async () => {
  endCommandsOnInterrupt()
  await step('Packages', ensurePackages)
  const results = collectResults()
  const env = await prepareVllm(results)
  await results.step('tests on a real vLLM server', () => runVitest('vllm', { env, live: true }))
  await endCommands()
  return results.finish()
})
