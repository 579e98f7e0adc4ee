import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parse } from 'yaml'
import { promptSet, type PromptSet } from '../messages/prompts.ts'

export interface ShippedPrompts {
  /** By version: runs go on with the one that they began with. */
  readonly prompts: ReadonlyMap<string, PromptSet>
  /** What new runs take. */
  readonly promptsVersion: string
}

/** Every version of the prompts in a folder; its files are called by their version. */
export async function readShippedPrompts(directory: string): Promise<ShippedPrompts> {
  const files = (await readdir(directory)).filter((name) => /^deliberation-v\d+\.yaml$/.test(name))
  const sets = await Promise.all(
    files.map(async (name) => promptSet.parse(parse(await readFile(join(directory, name), 'utf8')) as unknown)),
  )
  const inOrder = sets.toSorted((a, b) => numberOf(a) - numberOf(b))
  const newest = inOrder.at(-1)
  if (!newest) throw new Error(`There are no prompts in ${directory}; install Signalbox again.`)
  return { prompts: new Map(inOrder.map((set) => [set.version, set])), promptsVersion: newest.version }
}

const numberOf = ({ version }: PromptSet): number => Number(version.slice(version.lastIndexOf('v') + 1))
