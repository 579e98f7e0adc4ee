import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { failureMemory, findElectron, noDisplayReason } from './electron.mjs'

let folder: string
beforeEach(() => void (folder = mkdtempSync(path.join(os.tmpdir(), 'electron-'))))
afterEach(() => rmSync(folder, { recursive: true, force: true }))

function write(file: string, content: string, mode = 0o644) {
  const full = path.join(folder, file)
  mkdirSync(path.dirname(full), { recursive: true })
  writeFileSync(full, content)
  chmodSync(full, mode)
  return full
}

describe('Electron', () => {
  test('is found where its installer put it', () => {
    write('path.txt', 'electron')
    const file = write('dist/electron', '', 0o755)
    expect(findElectron({ electronDir: folder, env: {} })).toBe(file)
  })

  test('is found where ELECTRON_OVERRIDE_DIST_PATH says', () => {
    const file = write('elsewhere/electron', '', 0o755)
    expect(findElectron({ electronDir: folder, env: { ELECTRON_OVERRIDE_DIST_PATH: path.dirname(file) } })).toBe(file)
  })

  test.each<[string, () => void]>([
    ['when its package was installed without the executable', () => undefined],
    ['when the executable is named but missing', () => write('path.txt', 'electron')],
    [
      'when the file cannot be executed',
      () => {
        write('path.txt', 'electron')
        write('dist/electron', '')
      },
    ],
  ])('is missing %s', (_name, arrange) => {
    arrange()
    expect(findElectron({ electronDir: folder, env: {} })).toBeUndefined()
  })

  test.each<[NodeJS.Platform, NodeJS.ProcessEnv, boolean]>([
    ['linux', {}, false],
    ['linux', { DISPLAY: ':0' }, true],
    ['linux', { WAYLAND_DISPLAY: 'wayland-0' }, true],
    ['darwin', {}, true],
    ['win32', {}, true],
  ])('on %s with %j has a display: %s', (platform, env, hasDisplay) => {
    expect(noDisplayReason(platform, env) === undefined).toBe(hasDisplay)
  })

  test('that could not be fetched is not fetched again for a day', () => {
    let nowMs = Date.UTC(2030, 0, 1)
    const memory = failureMemory(path.join(folder, 'cache', 'failed-at'), () => nowMs)
    expect(memory.read()).toBeUndefined()
    memory.write()
    nowMs += 23 * 3_600_000
    expect(memory.read()).toBe('2030-01-01T00:00:00.000Z')
    nowMs += 3_600_000
    expect(memory.read()).toBeUndefined()
  })
})
