import { endCommands, endCommandsOnInterrupt } from './command.mjs'
import { ensurePackages } from './packages.mjs'
import { collectResults } from './results.mjs'
import { runJourneys } from './runners.mjs'
import { runMain, startSteps } from './steps.mjs'
import { prepareBuild, prepareTests } from './test-setup.mjs'

const step = startSteps({ title: 'Signalbox: journeys', write: (text) => process.stdout.write(text) })

await runMain(async () => {
  endCommandsOnInterrupt()
  await step('Packages', ensurePackages)
  const results = collectResults()
  const env = await prepareTests(results)
  if (await prepareBuild(results)) await results.step('journeys', () => runJourneys({ env, args: process.argv.slice(2) }))
  await endCommands()
  return results.finish()
})
