import { expect, test } from 'vitest'
import { run } from './command.mjs'

test.each([
  ['start', 'Usage: npm start -- [options]'],
  ['host', 'Usage: npm run --silent host -- [options]'],
])('%s tells what it can be told, and does nothing else', async (script, first) => {
  const { code, output } = await run(process.execPath, [`src-main/launch/${script}.mjs`, '--no-open', '--help'])
  expect({ code, first: output.split('\n', 1)[0] }).toEqual({ code: 0, first })
  expect(output).toContain('--data FOLDER')
  expect(output).not.toContain('Packages')
})
