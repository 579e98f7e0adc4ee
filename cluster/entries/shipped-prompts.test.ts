import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { readShippedPrompts } from './shipped-prompts.ts'

const directory = fileURLToPath(new URL('../../resources/prompts', import.meta.url))

test('every version of the prompts is shipped, and new runs take the newest', async () => {
  const { prompts, promptsVersion } = await readShippedPrompts(directory)
  expect([...prompts.keys()]).toEqual(['deliberation-v1', 'deliberation-v2'])
  expect(promptsVersion).toBe('deliberation-v2')
})

test('a folder without prompts is an error that says what to do', async () => {
  await expect(readShippedPrompts(fileURLToPath(new URL('.', import.meta.url)))).rejects.toThrow('install Signalbox again')
})
