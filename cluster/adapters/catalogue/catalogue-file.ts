import { readFile } from 'node:fs/promises'
import { catalogue, type Catalogue } from '../../messages/catalogue.ts'
import { readInput } from '../../messages/read-input.ts'

/** Reads the model catalogue. Throws, naming the entry, if it is not one. */
export async function readCatalogue(file: string): Promise<Catalogue> {
  const parsed = readInput(catalogue, JSON.parse(await readFile(file, 'utf8')), 'It')
  if (!parsed.success) throw new Error(`The model catalogue ${file} is damaged: ${parsed.error.message}`)
  return parsed.data
}
