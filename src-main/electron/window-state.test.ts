import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { firstWindowState, readWindowState, writeWindowState } from './window-state.ts'

let folder: string
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'window-'))))
afterEach(() => rmSync(folder, { recursive: true }))

describe('the window', () => {
  it('opens as it was left', () => {
    const file = join(folder, 'window.json')
    writeWindowState(file, { width: 1000, height: 700, maximized: true })
    expect(readWindowState(file)).toEqual({ width: 1000, height: 700, maximized: true })
  })

  it.each([undefined, '', '{"width":', '{"width":1,"height":1,"maximized":false}', '[]'])(
    'opens in its first size when its file holds %s',
    (content) => {
      const file = join(folder, 'window.json')
      if (content !== undefined) writeFileSync(file, content)
      expect(readWindowState(file)).toEqual(firstWindowState)
    },
  )
})
