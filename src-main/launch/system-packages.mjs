import { existsSync } from 'node:fs'
import { run } from './command.mjs'
import { onPath } from './place.mjs'
import { StepFailed } from './steps.mjs'

/**
 * What the window and the browser of the tests need from the operating system; `packages` are the names it goes by on
 * Debian and its relatives, the first one known there is taken.
 * @typedef {{ kind: 'command' | 'library', names: string[], packages: string[] }} Need
 * @type {Need[]}
 */
const needs = [
  { kind: 'command', names: ['Xvfb'], packages: ['xvfb'] },
  { kind: 'command', names: ['xvfb-run'], packages: ['xvfb'] },
  { kind: 'command', names: ['xauth'], packages: ['xauth'] },
  { kind: 'command', names: chromiumCommands(), packages: ['chromium'] },
  { kind: 'library', names: ['libgtk-3.so.0'], packages: ['libgtk-3-0t64', 'libgtk-3-0'] },
  { kind: 'library', names: ['libnss3.so'], packages: ['libnss3'] },
  { kind: 'library', names: ['libasound.so.2'], packages: ['libasound2t64', 'libasound2'] },
  { kind: 'library', names: ['libgbm.so.1'], packages: ['libgbm1'] },
]

/**
 * Installs what the operating system lacks where we may, and otherwise names it in one line to copy.
 * @param {(text: string) => void} say @returns {Promise<string>}
 */
export async function ensureSystemPackages(say) {
  if (process.platform !== 'linux') return 'nothing needed on this system'
  if ((await missingNeeds()).length === 0) return 'all there'
  if (!onPath('apt-get'))
    throw new StepFailed(
      `The tests need ${(await missingNeeds()).map((need) => need.names[0]).join(', ')}; install them with this system's package manager.`,
    )
  const isRoot = process.getuid?.() === 0
  if (isRoot) await apt(['update'])
  const packages = await packagesFor(await missingNeeds())
  if (!isRoot)
    throw new StepFailed(
      `The tests need packages of the system. Copy this line:\n\n  sudo apt-get update && sudo apt-get install -y ${packages.join(' ')}\n`,
    )
  say(`apt-get install ${packages.join(' ')}`)
  const ended = await apt(['install', '-y', '--no-install-recommends', ...packages])
  const left = await missingNeeds()
  if (left.length > 0) throw new StepFailed(`${ended.output}\nStill missing: ${left.map((need) => need.names[0]).join(', ')}`)
  return `installed ${packages.join(' ')}`
}

/** The Chromium of this machine. @returns {string | undefined} */
export function findChromium() {
  return chromiumCommands().map(onPath).find(Boolean)
}

function chromiumCommands() {
  const mac = [
    '/Applications/Chromium.app/Contents/MacOS/Chromium',
    '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  ]
  return process.platform === 'darwin'
    ? mac.filter(existsSync)
    : ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable']
}

async function missingNeeds() {
  const libraries = (await run(onPath('ldconfig') ?? '/sbin/ldconfig', ['-p'])).output
  return needs.filter(
    ({ kind, names }) => !names.some((name) => (kind === 'command' ? onPath(name) : libraries.includes(`${name} `))),
  )
}

/** @param {Need[]} missing */
async function packagesFor(missing) {
  const chosen = new Set()
  for (const { packages } of missing) {
    const known = await Promise.all(packages.map(async (name) => (await run('apt-cache', ['show', name])).code === 0))
    chosen.add(packages[known.indexOf(true)] ?? packages.at(-1))
  }
  return [...chosen].sort()
}

/** @param {string[]} args */
function apt(args) {
  return run('apt-get', ['-o', 'DPkg::Lock::Timeout=300', ...args], { env: { DEBIAN_FRONTEND: 'noninteractive' } })
}
