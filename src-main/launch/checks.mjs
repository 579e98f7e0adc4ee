import path from 'node:path'
import { run } from './command.mjs'
import { compileCache, productNode, scratchDir, toolScript } from './place.mjs'
import { runVitest } from './runners.mjs'

const zones = ['cluster/domain', 'cluster', 'src-preload', 'src-main', 'src-main/launch', 'src-renderer', 'e2e', '.']
const atOnce = 2

/**
 * Format, types, lint, arrows, dead code, unit tests.
 * @param {import('./results.mjs').Results} results
 * @param {{ env?: Record<string, string> }} [options]
 */
export async function runChecks(results, { env = {} } = {}) {
  const steps = [
    // Without its cache, which does not see that a type in another file changed.
    staticCheck('lint', 'eslint', ['.', '--max-warnings', '0']),
    ...zones.map((zone) =>
      staticCheck(`types in ${zone === '.' ? 'the root' : zone}`, 'typescript-7', typeArgs(zone), { command: 'tsc' }),
    ),
    staticCheck('format', 'prettier', ['--check', '--log-level', 'warn', '.']),
    staticCheck('arrows', 'dependency-cruiser', ['cluster', 'src-main', 'src-preload', 'src-renderer', '--output-type', 'err'], {
      command: 'depcruise',
    }),
    staticCheck('dead code', 'knip', []),
    staticCheck('code that only tests use', 'knip', ['-c', 'knip.product.json', '--production', '--include', 'exports'], {
      advice:
        'The product uses none of these: a test that proves them proves nothing of it. Use each where the product needs it, or delete it with its test.',
    }),
    // Last, beside the end of lint, which has a processor to itself for longer than all before.
    { name: 'unit tests', work: () => runVitest('unit*', { env }) },
  ]
  const queue = [...steps]
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      for (let next = queue.shift(); next; next = queue.shift()) await results.step(next.name, next.work)
    }),
  )
}

/** @param {string} name @param {string} packageName @param {string[]} args @param {{ command?: string, advice?: string }} [more] */
function staticCheck(name, packageName, args, { command, advice } = {}) {
  return {
    name,
    work: async () => {
      const { code, output } = await run(productNode, [toolScript(packageName, command), ...args], { env: compileCache })
      return {
        passed: code === 0 ? 1 : 0,
        failed: code === 0 ? 0 : 1,
        output: advice ? `${output.trimEnd()}\n${advice}` : output,
      }
    },
  }
}

/** @param {string} zone */
function typeArgs(zone) {
  const buildInfo = path.join(scratchDir, 'types', `${zone.replaceAll('/', '-')}.tsbuildinfo`)
  return ['-p', zone, '--pretty', 'false', '--incremental', '--tsBuildInfoFile', buildInfo]
}
