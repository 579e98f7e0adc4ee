import { LineCounter, parseAllDocuments } from 'yaml'
import type { Block } from './fences.ts'

/** A YAML or JSON document of a fenced block, as values. `line` is where it begins in the whole text. */
export interface TextDocument {
  readonly value: unknown
  readonly line: number
}

/** A document that names a kind of the Kubernetes API. */
export interface Manifest extends TextDocument {
  readonly value: Readonly<Record<string, unknown>>
  readonly apiVersion: string
  readonly kind: string
  /** `Kind/name`, for people. */
  readonly title: string
}

const DOCUMENT_FENCES: ReadonlySet<string> = new Set(['yaml', 'yml', 'json', 'kubernetes', 'k8s'])
const MAX_DOCUMENTS = 200
/** Beyond it an anchor used over and over would fill the memory. */
const MAX_ALIASES = 100

/** The documents that can be read; broken ones are the lint check's business. */
export function documentsOf(blocks: readonly Block[]): readonly TextDocument[] {
  return blocks
    .filter((block) => DOCUMENT_FENCES.has(block.language))
    .flatMap(documentsIn)
    .slice(0, MAX_DOCUMENTS)
}

function documentsIn({ text, line }: Block): TextDocument[] {
  const lineCounter = new LineCounter()
  return [...parseAllDocuments(text, { prettyErrors: false, uniqueKeys: false, lineCounter })].flatMap((document) =>
    document.errors.length > 0 || document.contents === null
      ? []
      : [
          {
            value: document.toJS({ maxAliasCount: MAX_ALIASES }) as unknown,
            line: line + Math.max(1, lineCounter.linePos(document.contents.range[0]).line) - 1,
          },
        ],
  )
}

export const manifestsOf = (documents: readonly TextDocument[]): readonly Manifest[] => documents.flatMap(manifestsIn)

/** A `List` is the manifests it holds. */
function manifestsIn({ value, line }: TextDocument): Manifest[] {
  if (!isMap(value)) return []
  const { apiVersion, kind, metadata, items } = value
  if (typeof apiVersion !== 'string' || typeof kind !== 'string') return []
  if (kind === 'List' && Array.isArray(items)) return items.flatMap((item: unknown) => manifestsIn({ value: item, line }))
  const name = isMap(metadata) && typeof metadata['name'] === 'string' ? metadata['name'] : null
  return [{ value, line, apiVersion, kind, title: name === null ? kind : `${kind}/${name}` }]
}

export function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The pod that a manifest describes, itself or by a template; null where it describes none. */
export function podSpecOf(manifest: Manifest): Readonly<Record<string, unknown>> | null {
  let at: unknown = manifest.value
  const path =
    manifest.kind === 'Pod'
      ? ['spec']
      : manifest.kind === 'CronJob'
        ? ['spec', 'jobTemplate', 'spec', 'template', 'spec']
        : ['spec', 'template', 'spec']
  for (const key of path) at = isMap(at) ? at[key] : undefined
  return isMap(at) ? at : null
}
