import { endCommandsOnInterrupt } from './command.mjs'
import { ensureBuilt } from './console-build.mjs'
import { ensurePackages } from './packages.mjs'
import { startServerShell } from './shell-process.mjs'
import { runMain, startSteps } from './steps.mjs'

// Standard output is the server's alone: what it prints there is read by programs.
const step = startSteps({ title: 'Signalbox host', write: (text) => process.stderr.write(text) })

await runMain(async () => {
  const release = endCommandsOnInterrupt()
  await step('Packages', ensurePackages)
  await step('Console', ensureBuilt)
  release()
  const { code } = await startServerShell(process.argv.slice(2), 'inherit').ended
  return code
})
