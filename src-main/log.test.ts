import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { logFile, openLog } from './log.ts'

const before = process.umask(0o022)
const dataDir = await mkdtemp(join(tmpdir(), 'signalbox-log-'))
afterAll(async () => {
  process.umask(before)
  await rm(dataDir, { recursive: true })
})

it.skipIf(process.platform === 'win32')('leaves nothing for others to read, also in a folder that was there', async () => {
  openLog({ dataDir, logLevel: 'info' }).info('started')
  await writeFile(join(dataDir, 'local.db'), '')
  for (const file of [logFile(dataDir), join(dataDir, 'local.db')]) expect((await stat(file)).mode & 0o077).toBe(0)
})
