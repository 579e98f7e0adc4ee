import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test } from 'vitest'

let folder: string
beforeEach(() => void (folder = mkdtempSync(path.join(os.tmpdir(), 'npm-watch-'))))
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const watchModule = path.join(import.meta.dirname, 'npm-watch.mjs')

/** What npm does: it starts a shell, and that starts the script. */
async function startAsNpmDoes(env: Record<string, string>) {
  const goneFile = path.join(folder, 'gone')
  const script = path.join(folder, 'script.mjs')
  writeFileSync(
    script,
    `import { writeFileSync } from 'node:fs'
     import { whenNpmIsGone } from ${JSON.stringify(watchModule)}
     whenNpmIsGone(() => { writeFileSync(${JSON.stringify(goneFile)}, ''); process.exit() })
     setTimeout(() => {}, 10_000)
     console.log(process.pid)`,
  )
  const starter = `require('node:child_process').spawn('sh', ['-c', '"$0" "$1"; true', process.execPath, ${JSON.stringify(script)}], { stdio: 'inherit' })`
  const npm = spawn(process.execPath, ['-e', starter], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { PATH: process.env.PATH, ...env },
  })
  const [pid] = (await once(npm.stdout, 'data')) as [Buffer]
  return { npm, goneFile, scriptPid: Number(String(pid)) }
}

test('A script that npm runs notices that npm was killed, although a shell stands between them', async () => {
  const { npm, goneFile } = await startAsNpmDoes({ npm_lifecycle_event: 'host' })
  expect(existsSync(goneFile)).toBe(false)
  npm.kill('SIGKILL')
  await expect.poll(() => existsSync(goneFile)).toBe(true)
})

test('A script that was started without npm stays when its starter goes', async () => {
  const { npm, goneFile, scriptPid } = await startAsNpmDoes({})
  npm.kill('SIGKILL')
  await delay(600)
  expect(existsSync(goneFile)).toBe(false)
  process.kill(scriptPid)
})
