import { runChecks } from './checks.mjs'
import { endCommandsOnInterrupt } from './command.mjs'
import { ensurePackages } from './packages.mjs'
import { collectResults } from './results.mjs'
import { runMain, startSteps } from './steps.mjs'

const step = startSteps({ title: 'Signalbox: checks', write: (text) => process.stdout.write(text) })

await runMain(async () => {
  endCommandsOnInterrupt()
  await step('Packages', ensurePackages)
  const results = collectResults()
  await runChecks(results)
  return results.finish()
})
