import { readFile } from 'node:fs/promises'
import * as z from 'zod'
import { catalogue, type Catalogue } from '../../messages/catalogue.ts'

/** Reads the model catalogue. Throws, naming the entry, if it is not one. */
export async function readCatalogue(file: string): Promise<Catalogue> {
  const parsed = catalogue.safeParse(JSON.parse(await readFile(file, 'utf8')))
  if (!parsed.success) throw new Error(`The model catalogue ${file} is damaged: ${z.prettifyError(parsed.error)}`)
  return parsed.data
}
