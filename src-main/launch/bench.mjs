import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { ensureBuilt } from './console-build.mjs'
import { ensurePackages } from './packages.mjs'
import { childEnv, productNode, root } from './place.mjs'
import { runMain, startSteps } from './steps.mjs'

// Standard output is the benchmark's alone, because of --json.
const step = startSteps({ title: 'Signalbox benchmark', write: (text) => process.stderr.write(text) })

await runMain(async () => {
  await step('Packages', ensurePackages)
  await step('Console', ensureBuilt)
  const child = spawn(productNode, ['cluster/bench/main.ts', ...process.argv.slice(2)], {
    cwd: root,
    env: childEnv(),
    stdio: 'inherit',
  })
  const [code] = await once(child, 'close')
  return code ?? 1
})
