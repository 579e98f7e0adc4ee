import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { staleReason } from './packages.mjs'

let folder: string
beforeEach(() => void (folder = mkdtempSync(path.join(os.tmpdir(), 'packages-'))))
afterEach(() => rmSync(folder, { recursive: true, force: true }))

function write(file: string, content: string) {
  mkdirSync(path.dirname(path.join(folder, file)), { recursive: true })
  writeFileSync(path.join(folder, file), content)
}
const lock = (packages: object) => JSON.stringify({ packages })
const wanted = { '': {}, 'node_modules/a': { version: '1.0.0' }, 'node_modules/b': { version: '2.0.0', optional: true } }

describe('What is installed', () => {
  test.each([
    ['agrees with the lock file', { 'node_modules/a': { version: '1.0.0' }, 'node_modules/b': { version: '2.0.0' } }, undefined],
    ['may lack optional packages, which are for other machines', { 'node_modules/a': { version: '1.0.0' } }, undefined],
    ['is stale when a version differs', { 'node_modules/a': { version: '0.9.0' } }, 'package-lock.json has changed'],
    ['is stale when a package is missing', { 'node_modules/b': { version: '2.0.0' } }, 'package-lock.json has changed'],
  ])('%s', (_name, installed, reason) => {
    write('package-lock.json', lock(wanted))
    write('node_modules/.package-lock.json', lock(installed))
    write('node_modules/node/bin/node', '')
    write('node_modules/node/bin/node.exe', '')
    expect(staleReason(folder)).toBe(reason)
  })

  test('is nothing in a fresh clone', () => {
    write('package-lock.json', lock(wanted))
    expect(staleReason(folder)).toBe('nothing is installed')
  })

  test('is of no use without the Node that runs the product', () => {
    write('package-lock.json', lock(wanted))
    write('node_modules/.package-lock.json', lock(wanted))
    expect(staleReason(folder)).toBe('the Node that runs the product is missing')
  })
})
