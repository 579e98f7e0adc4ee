import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { run } from './command.mjs'
import { withLock } from './lock.mjs'
import { productNode, root } from './place.mjs'
import { StepFailed } from './steps.mjs'

/**
 * Only one package needs its install script: the one that puts the product's Node in place. Others would compile, or download, what
 * their packages hold already: npm does not read from a lock file that better-sqlite3 comes built.
 */
const installCommands = [
  ['ci', '--include=dev', '--ignore-scripts'],
  ['rebuild', 'node', '--ignore-scripts=false'],
]

/**
 * Installs what package-lock.json names, unless that is what node_modules holds.
 * @param {(text: string) => void} say @returns {Promise<string>}
 */
export async function ensurePackages(say) {
  // Beside node_modules, because `npm ci` empties that folder.
  return withLock(path.join(root, '.install-lock'), async () => {
    const reason = staleReason(root)
    if (!reason) return 'up to date'
    say(`${reason}: npm ci, half a minute to a minute`)
    const { npm, args } = machineNpm()
    for (const command of installCommands) {
      const ended = await run(npm, [...args, ...command, '--loglevel=error'])
      if (ended.code !== 0)
        throw new StepFailed(
          `${ended.output}\nnpm ${command[0]} failed. Check the network and the registry, then run the same command again.`,
        )
    }
    const left = staleReason(root)
    if (left) throw new StepFailed(`npm ci ended well, and yet: ${left}.`)
    return 'installed'
  })
}

/**
 * npm keeps a copy of what it installed in node_modules; where that agrees with the lock file there is nothing to do.
 * @param {string} folder @returns {string | undefined}
 */
export function staleReason(folder) {
  const installedFile = path.join(folder, 'node_modules', '.package-lock.json')
  if (!existsSync(installedFile)) return 'nothing is installed'
  if (!existsSync(path.join(folder, path.relative(root, productNode)))) return 'the Node that runs the product is missing'
  const wanted = readPackages(path.join(folder, 'package-lock.json'))
  const installed = readPackages(installedFile)
  for (const [name, entry] of Object.entries(wanted)) {
    if (name === '') continue
    const present = installed[name]
    if (present === undefined ? !entry.optional : present.version !== entry.version) return 'package-lock.json has changed'
  }
  return undefined
}

/** @param {string} file @returns {Record<string, { version?: string, optional?: boolean }>} */
function readPackages(file) {
  return JSON.parse(readFileSync(file, 'utf8')).packages
}

/** The npm that runs this script; through its own Node, because Windows cannot spawn npm.cmd without a shell. */
export function machineNpm() {
  const { npm_execpath: script, npm_node_execpath: node } = process.env
  return script?.endsWith('npm-cli.js') && node ? { npm: node, args: [script] } : { npm: 'npm', args: [] }
}
