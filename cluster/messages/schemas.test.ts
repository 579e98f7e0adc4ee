import { readdir, readFile } from 'node:fs/promises'
import { expect, it } from 'vitest'
import { schemaFiles } from './schemas.ts'

const folder = new URL('./schema/', import.meta.url)

it('has every JSON Schema written as the shapes are now (if not: npm run schemas)', async () => {
  const written = await Promise.all(
    (await readdir(folder)).map(async (name) => [name, await readFile(new URL(name, folder), 'utf8')] as const),
  )
  expect(new Map(written.sort())).toEqual(schemaFiles())
})
