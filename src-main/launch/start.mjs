import { endCommands, endCommandsOnInterrupt } from './command.mjs'
import { ensureBuilt } from './console-build.mjs'
import { mustGoWithoutSandbox, noDisplayReason, obtainElectron } from './electron.mjs'
import { openInBrowser, readLink } from './link.mjs'
import { ensurePackages } from './packages.mjs'
import { startElectronShell, startServerShell } from './shell-process.mjs'
import { runMain, startSteps } from './steps.mjs'
import { usageIfAsked } from './usage.mjs'

const diesAtOnceMs = 3_000

const args = process.argv.slice(2)
const forBrowser = args.includes('--browser')
const shouldOpen = !args.includes('--no-open')
const passedOn = args.filter((argument) => argument !== '--browser' && argument !== '--no-open')

const write = (/** @type {string} */ text) => process.stdout.write(text)
const step = startSteps({ title: 'Signalbox starts in local mode.', write })
const usage = usageIfAsked('start', args)

if (usage === undefined) await runMain(open)
else write(usage)

async function open() {
  const release = endCommandsOnInterrupt()
  await step('Packages', ensurePackages)
  await step('Console', ensureBuilt)
  const electron = await findWindow()
  release()
  const code = (electron ? await runInWindow(electron) : undefined) ?? (await runInBrowser())
  await endCommands()
  return code
}

/** @param {string} electron @returns {Promise<number | undefined>} the exit code; undefined where the window died at once */
async function runInWindow(electron) {
  const shell = startElectronShell(electron, [...(mustGoWithoutSandbox ? ['--no-sandbox'] : []), '.', ...passedOn])
  write('The console opens in a window of its own. Ctrl-C here stops it.\n')
  const { code, aliveMs, wasStopped } = await shell.ended
  if (code === 0 || wasStopped || aliveMs > diesAtOnceMs) return code
  write(`The window ended at once (code ${code}); the console opens in the browser instead.\n`)
  return undefined
}

/** @returns {Promise<string | undefined>} the executable of Electron */
async function findWindow() {
  /** @type {string | undefined} */
  let file
  await step('Window', async (say) => {
    const obstacle = forBrowser ? 'asked for the browser' : noDisplayReason()
    if (obstacle) return `${obstacle}: the console opens in the browser`
    const electron = await obtainElectron(say)
    if ('missing' in electron) return `${electron.missing}: the console opens in the browser`
    file = electron.path
    return mustGoWithoutSandbox ? 'Electron, without its sandbox because you are root' : 'Electron'
  })
  return file
}

async function runInBrowser() {
  const shell = startServerShell(['--json', ...passedOn], 'pipe')
  await step('Server', async () => {
    const link = shell.stdout && (await Promise.race([readLink(shell.stdout, write), shell.ended]))
    if (typeof link !== 'string') return 'did not start; the reason is above'
    showLink(link)
    return 'ready, Ctrl-C here stops it'
  })
  const { code } = await shell.ended
  return code
}

/** @param {string} link */
function showLink(link) {
  const isOpened = shouldOpen && openInBrowser(link)
  write(`\n    ${isOpened ? 'The console opens in your browser' : 'Open this link in a browser'}:\n    ${link}\n\n`)
}
