import { describe, expect, test } from 'vitest'
import { run } from './command.mjs'

describe('A command', () => {
  test('gives back its exit code and all it printed', async () => {
    const script = 'process.stdout.write("out "); process.stderr.write("err"); process.exitCode = 3'
    const { code, output } = await run(process.execPath, ['-e', script])
    expect({ code, words: output.split(' ').sort() }).toEqual({ code: 3, words: ['err', 'out'].sort() })
  })

  test('that does not exist is a failure that names it', async () => {
    expect(await run('no-such-command', [])).toMatchObject({
      code: 127,
      output: expect.stringContaining('no-such-command') as string,
    })
  })

  test('that takes too long is ended together with what it started', async () => {
    const script = `require('node:child_process').spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'inherit' }); setInterval(() => {}, 1000)`
    // The pipe closes only when the grandchild is gone too.
    expect(await run(process.execPath, ['-e', script], { timeoutMs: 500 })).toMatchObject({ code: 1, timedOut: true })
  })
})
