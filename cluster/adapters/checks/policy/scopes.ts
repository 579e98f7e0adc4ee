import type { PolicyViolation } from '../../../messages/check-results.ts'
import type { PolicyRule } from '../../../messages/policies.ts'
import { documentsOf, isMap, manifestsOf, podSpecOf, type Manifest, type TextDocument } from '../documents.ts'
import { fencedBlocks, type Block } from '../fences.ts'
import { languageOf } from '../languages.ts'

/** One thing a rule looks at: its text for patterns, its variables for expressions, and where it stands. */
export interface Subject {
  readonly text: string
  readonly variables: Readonly<Record<string, unknown>>
  readonly where: PolicyViolation['where']
}

/** A text with everything in it that rules look at. */
export interface ReadText {
  readonly content: string
  readonly blocks: readonly Block[]
  readonly documents: readonly TextDocument[]
  readonly manifests: readonly Manifest[]
}

export function readText(content: string): ReadText {
  const blocks = fencedBlocks(content)
  const documents = documentsOf(blocks)
  return { content, blocks, documents, manifests: manifestsOf(documents) }
}

/** What a rule is applied to, one by one. A rule without subjects does not apply. */
export function subjectsOf(read: ReadText, { applies_to, languages }: Pick<PolicyRule, 'applies_to' | 'languages'>): Subject[] {
  switch (applies_to) {
    case 'text':
      return [wholeText(read)]
    case 'blocks':
      return read.blocks
        .filter((block) => languages.length === 0 || languages.some((one) => names(block).includes(one.toLowerCase())))
        .map((block) => ({
          text: block.text,
          variables: { block: blockValue(block) },
          where: { line: Math.max(1, block.line), path: null },
        }))
    case 'documents':
      return read.documents.map(({ value, line }) => ({
        text: JSON.stringify(value, null, 2),
        variables: { object: value },
        where: { line, path: null },
      }))
    case 'manifests':
      return read.manifests.map((manifest) => ({
        text: JSON.stringify(manifest.value, null, 2),
        variables: manifestVariables(manifest),
        where: { line: manifest.line, path: manifest.title },
      }))
  }
}

/** The names an expression can use, by what the rule applies to, with values that have nothing in them. */
export const emptyVariables: Readonly<Record<PolicyRule['applies_to'], Readonly<Record<string, unknown>>>> = {
  text: { content: '', blocks: [], documents: [], manifests: [] },
  blocks: { block: { language: '', text: '', line: 1 } },
  documents: { object: {} },
  manifests: { object: {}, pod: {}, containers: [] },
}

function wholeText({ content, blocks, documents, manifests }: ReadText): Subject {
  return {
    text: content,
    variables: {
      content,
      blocks: blocks.map(blockValue),
      documents: documents.map(({ value }) => value),
      manifests: manifests.map(({ value }) => value),
    },
    where: { line: null, path: null },
  }
}

const blockValue = ({ language, text, line }: Block) => ({ language, text, line })

const names = ({ language }: Block): string[] => [language, (languageOf(language)?.name ?? '').toLowerCase()]

/** `containers` has the init containers too: what holds for one holds for the other. */
function manifestVariables(manifest: Manifest) {
  const pod = podSpecOf(manifest)
  const listed = ['initContainers', 'containers'].flatMap((key) =>
    pod && Array.isArray(pod[key]) ? (pod[key] as unknown[]) : [],
  )
  return { object: manifest.value, pod: pod ?? {}, containers: listed.filter(isMap) }
}
