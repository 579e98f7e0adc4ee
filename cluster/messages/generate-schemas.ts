/** `npm run schemas`: writes schema/*.json, and removes what is no longer described. */
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises'
import { schemaFiles } from './schemas.ts'

const folder = new URL('./schema/', import.meta.url)
const files = schemaFiles()

await mkdir(folder, { recursive: true })
for (const name of await readdir(folder)) if (!files.has(name)) await rm(new URL(name, folder))
for (const [name, text] of files) await writeFile(new URL(name, folder), text)
