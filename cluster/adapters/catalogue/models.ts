import { mkdir, rm } from 'node:fs/promises'
import { basename, join } from 'node:path'
import type { Clock } from '../../ports/clock.ts'
import type { SmallState } from '../../ports/small-state.ts'
import { importedModel, type Catalogue, type CatalogueEntry, type ImportedModel } from '../../messages/catalogue.ts'
import { createChangeNotice, type ChangeListener } from '../engines/engine-status.ts'
import type { ModelKind, ModelOnDisk } from '../engines/model-on-disk.ts'
import { sha256OfFile } from './file-digest.ts'
import { discardPart } from './http-download.ts'
import { discardParts } from './model-sources.ts'
import { estimateTokensPerSecond, fitOf, pickRecommended, type Fit, type Machine } from './machine-fit.ts'
import { createModelDownloads } from './model-downloads.ts'
import { fileBytes, freeDiskBytes, placeFile, whyNotGguf } from './model-files.ts'
import type { DownloadEnd, ModelState } from './model-state.ts'

export interface ModelRecord {
  readonly id: string
  readonly kind: ModelKind
  readonly name: string
  readonly parameters: string
  readonly quantisation: string
  readonly sizeBytes: number
  readonly sha256: string
  readonly licence: { readonly spdx: string; readonly url: string } | null
  /** Null where it is not known before the model is loaded. */
  readonly contextTokens: number | null
  readonly starter: boolean
  readonly imported: boolean
  readonly note: string
  readonly fit: Fit
  /** The best one that fits this machine. */
  readonly recommended: boolean
  /** An estimate from what was measured with another model on this machine; null before anything was. */
  readonly estimatedTokensPerSecond: number | null
  readonly state: ModelState
  readonly loaded: boolean
}

export type RemoveResult =
  | { readonly kind: 'removed'; readonly freedBytes: number }
  | { readonly kind: 'conflict'; readonly reason: string }
  | { readonly kind: 'missing' }

export type ImportResult =
  | { readonly kind: 'imported'; readonly id: string; readonly sha256: string }
  | { readonly kind: 'invalid'; readonly reason: string }

export interface ModelsOptions {
  readonly catalogue: Catalogue
  /** Model files live here and nowhere else. */
  readonly directory: string
  /** Folders in which the operator keeps model files, looked at before anything is downloaded. */
  readonly ownFolders: readonly string[]
  readonly state: SmallState
  readonly clock: Clock
  readonly machine: () => Machine
  /** The engines that load the models. */
  readonly engine: {
    loadedModels(): readonly string[]
    /** Lets go of the model's file; false while calls use it. */
    release(model: string): Promise<boolean>
    /** Tokens per second measured with a model here. */
    measured(): { readonly model: string; readonly tokensPerSecond: number } | null
  }
}

/** The catalogue and the model files of this machine. */
export interface Models {
  list(): Promise<readonly ModelRecord[]>
  /** Models that can be loaded now. */
  onDisk(): Promise<readonly ModelOnDisk[]>
  /** Starts or goes on with a download. Resolves when it has ended, to `ready`, `failed` or (cancelled) `absent`; undefined for an unknown id. */
  download(id: string): Promise<DownloadEnd | undefined>
  /** False if nothing was downloading. What has arrived stays for the next try. */
  cancelDownload(id: string): boolean
  remove(id: string): Promise<RemoveResult>
  /** Adds a GGUF file from this machine's disk; one that the catalogue knows becomes that entry. */
  importFile(path: string): Promise<ImportResult>
  diskUsage(): Promise<{ readonly modelsBytes: number; readonly freeBytes: number }>
  watch(listener: ChangeListener): () => void
  stop(): Promise<void>
}

const STATE_PREFIX = 'model.'

export function createModels(options: ModelsOptions): Models {
  const { catalogue, directory, state, clock, engine } = options
  const changes = createChangeNotice()
  /** What the disk does not tell: downloads under way, and why the last one failed. */
  const passing = new Map<string, ModelState>()
  const downloads = createModelDownloads({ directory, ownFolders: options.ownFolders, clock, report: enter })

  function enter(id: string, next: ModelState): void {
    if (next.kind === 'ready' || next.kind === 'absent') passing.delete(id)
    else passing.set(id, next)
    changes.notify()
  }

  const fileOf = (fileName: string) => join(directory, fileName)

  async function imports(): Promise<ImportedModel[]> {
    return (await state.list(STATE_PREFIX)).map((entry) => importedModel.parse(entry.value))
  }

  async function isComplete(model: { file_name: string; size_bytes: number }): Promise<boolean> {
    return (await fileBytes(fileOf(model.file_name))) === model.size_bytes
  }

  async function stateOf(model: { id: string; file_name: string; size_bytes: number }): Promise<ModelState> {
    return passing.get(model.id) ?? ((await isComplete(model)) ? { kind: 'ready' } : { kind: 'absent' })
  }

  return {
    async list() {
      const machine = options.machine()
      const own = await imports()
      const loaded = new Set(engine.loadedModels())
      const measured = measuredModel([...catalogue.models, ...own], engine.measured())
      const freed = catalogue.models.find((entry) => loaded.has(entry.id) && kindOf(entry) === 'chat')?.memory_bytes ?? 0
      const fits = new Map(catalogue.models.map((entry) => [entry.id, fitOf(entry.memory_bytes, machine, freed)]))
      const recommended = pickRecommended(
        catalogue.models.filter((entry) => fits.get(entry.id)?.fits),
        machine,
      )
      const fromCatalogue = catalogue.models.map(async (entry) => ({
        id: entry.id,
        kind: kindOf(entry),
        name: entry.name,
        parameters: entry.parameters,
        quantisation: entry.quantisation,
        licence: entry.licence,
        contextTokens: entry.context_tokens,
        starter: entry.role === 'starter',
        imported: false,
        note: entry.note,
        fit: fits.get(entry.id) ?? fitOf(entry.memory_bytes, machine, freed),
        recommended: entry === recommended,
        ...(await measures(entry)),
      }))
      const fromDisk = own.map(async (model) => ({
        id: model.id,
        kind: 'chat' as const,
        name: model.name,
        parameters: '',
        quantisation: '',
        licence: null,
        contextTokens: null,
        starter: false,
        imported: true,
        note: `Imported from ${model.imported_from}.`,
        // The weights alone: what a call needs beside them shows only when the model is loaded.
        fit: fitOf(model.size_bytes, machine, freed),
        recommended: false,
        ...(await measures(model)),
      }))
      return Promise.all([...fromCatalogue, ...fromDisk])

      async function measures(model: CatalogueEntry | ImportedModel) {
        return {
          sizeBytes: model.size_bytes,
          sha256: model.sha256,
          estimatedTokensPerSecond: measured && estimateTokensPerSecond(model.size_bytes, measured),
          state: await stateOf(model),
          loaded: loaded.has(model.id),
        }
      }
    },

    async onDisk() {
      const known = [
        ...catalogue.models.map((entry) => ({ ...entry, kind: kindOf(entry), starter: entry.role === 'starter' })),
        ...(await imports()).map((model) => ({ ...model, kind: 'chat' as const, context_tokens: null, starter: false })),
      ]
      const complete = await Promise.all(known.map(isComplete))
      return known
        .filter((_, index) => complete[index])
        .map(({ id, kind, name, file_name, context_tokens, starter }) => ({
          id,
          kind,
          label: name,
          file: fileOf(file_name),
          contextTokens: context_tokens,
          starter,
        }))
    },

    async download(id) {
      const entry = catalogue.models.find((one) => one.id === id)
      if (!entry) return undefined
      if (!(await isComplete(entry))) return downloads.start(entry)
      enter(id, { kind: 'ready' })
      return { kind: 'ready' }
    },

    cancelDownload: (id) => downloads.cancel(id),

    async remove(id) {
      const own = (await imports()).find((model) => model.id === id)
      const model = own ?? catalogue.models.find((entry) => entry.id === id)
      if (!model) return { kind: 'missing' }
      if (downloads.isUnderWay(id)) return { kind: 'conflict', reason: `${model.name} is being downloaded; cancel that first.` }
      if (!(await engine.release(id)))
        return { kind: 'conflict', reason: `${model.name} is answering calls; wait for them or cancel their run.` }
      const file = fileOf(model.file_name)
      const freedBytes = (await fileBytes(file)) + (await fileBytes(`${file}.part`))
      await rm(file, { force: true })
      await discardPart(`${file}.part`)
      await discardParts(`${file}.part`)
      if (own) await state.remove(STATE_PREFIX + id)
      enter(id, { kind: 'absent' })
      return freedBytes > 0 || own ? { kind: 'removed', freedBytes } : { kind: 'missing' }
    },

    async importFile(path) {
      const refusal = await whyNotGguf(path)
      if (refusal) return { kind: 'invalid', reason: refusal }
      const sha256 = await sha256OfFile(path)
      const own = await imports()
      const known = [...catalogue.models, ...own].find((model) => model.sha256 === sha256)
      await mkdir(directory, { recursive: true })
      if (known) {
        if (!(await isComplete(known))) await placeFile(path, fileOf(known.file_name))
        enter(known.id, { kind: 'ready' })
        return { kind: 'imported', id: known.id, sha256 }
      }
      const name = basename(path).replace(/\.gguf$/i, '')
      const id = `own-${slug(name)}-${sha256.slice(0, 8)}`
      const model: ImportedModel = {
        id,
        name,
        file_name: `${id}.gguf`,
        size_bytes: await fileBytes(path),
        sha256,
        imported_from: path,
        imported_at: clock.now(),
      }
      await placeFile(path, fileOf(model.file_name))
      await state.put(STATE_PREFIX + id, model, 'any')
      changes.notify()
      return { kind: 'imported', id, sha256 }
    },

    async diskUsage() {
      await mkdir(directory, { recursive: true })
      const all = [...catalogue.models, ...(await imports())]
      const sizes = await Promise.all(
        all.flatMap(({ file_name }) => [fileOf(file_name), `${fileOf(file_name)}.part`]).map(fileBytes),
      )
      return { modelsBytes: sizes.reduce((sum, size) => sum + size, 0), freeBytes: await freeDiskBytes(directory) }
    },

    watch: (listener) => changes.watch(listener),
    stop: () => downloads.stop(),
  }
}

function kindOf(entry: CatalogueEntry): ModelKind {
  return entry.role === 'embedding' ? 'embedding' : 'chat'
}

function measuredModel(
  models: readonly (CatalogueEntry | ImportedModel)[],
  measured: { model: string; tokensPerSecond: number } | null,
): { sizeBytes: number; tokensPerSecond: number } | null {
  const model = measured && models.find((one) => one.id === measured.model)
  return model ? { sizeBytes: model.size_bytes, tokensPerSecond: measured.tokensPerSecond } : null
}

function slug(name: string): string {
  return name
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-+|-+$/g, '')
    .slice(0, 60)
}
