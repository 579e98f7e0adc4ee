import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { isSameContent, takeStamp } from './stamp.mjs'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'stamp-'))
  mkdirSync(path.join(folder, 'src', 'deep'), { recursive: true })
  write('src/page.tsx', 'page')
  write('src/deep/row.tsx', 'row')
  write('src/row.test.tsx', 'test')
  write('config.ts', 'config')
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const write = (file: string, content: string) => writeFileSync(path.join(folder, file), content)
const stamp = (earlier?: ReturnType<typeof takeStamp>) =>
  takeStamp(folder, ['src', 'config.ts', 'not-there.ts'], (file) => !file.includes('.test.'), earlier)

describe('The stamp of the sources', () => {
  test('covers files and folders, and leaves out what does not count', () => {
    expect(Object.keys(stamp()).sort()).toEqual(['config.ts', 'src/deep/row.tsx', 'src/page.tsx'])
  })

  test.each<[string, () => void, boolean]>([
    ['is the same when nothing changed', () => undefined, true],
    ['is the same when only times changed, as after a checkout', () => utimesSync(path.join(folder, 'config.ts'), 1, 1), true],
    ['is the same when a test changed', () => write('src/row.test.tsx', 'another test'), true],
    ['differs when a file changed', () => write('src/page.tsx', 'another page'), false],
    ['differs when a file is new', () => write('src/cell.tsx', 'cell'), false],
    ['differs when a file is gone', () => rmSync(path.join(folder, 'src/deep/row.tsx')), false],
  ])('%s', (_name, change, isSame) => {
    const before = stamp()
    change()
    expect(isSameContent(before, stamp(before))).toBe(isSame)
  })

  test('does not read a file again whose size and time are known', () => {
    const before = stamp()
    const known = { ...before, 'config.ts': { ...before['config.ts']!, sha256: 'known' } }
    expect(stamp(known)['config.ts']!.sha256).toBe('known')
  })
})
