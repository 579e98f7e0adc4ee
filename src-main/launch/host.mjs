import { endCommandsOnInterrupt } from './command.mjs'
import { ensureBuilt } from './console-build.mjs'
import { ensurePackages } from './packages.mjs'
import { startServerShell } from './shell-process.mjs'
import { runMain, startSteps } from './steps.mjs'
import { usageIfAsked } from './usage.mjs'

// Standard output is the server's alone: what it prints there is read by programs.
const step = startSteps({ title: 'Signalbox host', write: (text) => process.stderr.write(text) })

const args = process.argv.slice(2)
const usage = usageIfAsked('host', args)

if (usage === undefined) await runMain(serve)
else process.stdout.write(usage)

async function serve() {
  const release = endCommandsOnInterrupt()
  await step('Packages', ensurePackages)
  await step('Console', ensureBuilt)
  release()
  const { code } = await startServerShell(args, 'inherit').ended
  return code
}
