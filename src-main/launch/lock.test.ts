import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { withLock } from './lock.mjs'

let folder: string
beforeEach(() => void (folder = mkdtempSync(path.join(os.tmpdir(), 'lock-'))))
afterEach(() => rmSync(folder, { recursive: true, force: true }))

describe('A lock', () => {
  test('lets one do the work while the others wait', async () => {
    const file = path.join(folder, 'deep', 'lock')
    const log: string[] = []
    const work = (name: string) => async () => {
      log.push(`${name} in`)
      await delay(20)
      log.push(`${name} out`)
    }
    await Promise.all([withLock(file, work('a')), withLock(file, work('b'))])
    expect(log).toEqual(['a in', 'a out', 'b in', 'b out'])
    expect(existsSync(file)).toBe(false)
  })

  test('is given back when the work fails', async () => {
    const file = path.join(folder, 'lock')
    await expect(withLock(file, () => Promise.reject(new Error('no disk')))).rejects.toThrow('no disk')
    expect(existsSync(file)).toBe(false)
  })

  test('of a process that is gone is taken over', async () => {
    const file = path.join(folder, 'lock')
    const gone = spawn(process.execPath, ['--version'], { stdio: 'ignore' })
    await once(gone, 'close')
    writeFileSync(file, String(gone.pid))
    expect(await withLock(file, () => Promise.resolve('done'))).toBe('done')
  })
})
