import { parseAllDocuments } from 'yaml'
import type { CheckResult } from '../../messages/deliberation.ts'
import type { Checks } from '../../ports/checks.ts'

interface Finding {
  readonly line: number
  readonly language: string
  readonly message: string
}

/** Parses the fenced JSON and YAML blocks of a proposal. Other languages are not looked at, and the result says so. */
export const lintChecks: Checks = {
  run: (content) => Promise.resolve([lint(content)]),
}

function lint(content: string): CheckResult {
  const blocks = fencedBlocks(content)
  const read = blocks.filter((block) => Object.hasOwn(parsers, block.language))
  if (read.length === 0)
    return { check: 'lint', status: 'skipped', message: 'No fenced JSON or YAML block to parse.', warnings: 0 }
  const found = read.map((block) => parsers[block.language]?.(block) ?? { errors: [], warnings: [] })
  const errors = found.flatMap((findings) => findings.errors)
  const warnings = found.flatMap((findings) => findings.warnings)
  const counted = `${read.length} ${read.length === 1 ? 'block' : 'blocks'} parsed`
  const message =
    errors.length === 0
      ? `${counted}, no error.`
      : `${counted}, ${errors.length} with errors: ${errors.slice(0, 3).map(inWords).join('; ')}`
  return { check: 'lint', status: errors.length === 0 ? 'passed' : 'failed', message, warnings: warnings.length }
}

const inWords = ({ line, language, message }: Finding): string => `line ${line} (${language}): ${message}`

interface Block {
  readonly language: string
  readonly text: string
  /** Line of the block's first content line in the proposal, from 1. */
  readonly line: number
}

/** Markdown fences by their info string; a fence that is never closed runs to the end of the text. */
function fencedBlocks(content: string): readonly Block[] {
  const blocks: Block[] = []
  let open: { fence: string; language: string; line: number; lines: string[] } | undefined
  content.split('\n').forEach((text, index) => {
    const fence = /^ {0,3}(`{3,}|~{3,})\s*([\w+-]*)/.exec(text)
    if (open) {
      if (fence && fence[1]?.startsWith(open.fence) && fence[2] === '') {
        blocks.push({ language: open.language, line: open.line, text: open.lines.join('\n') })
        open = undefined
      } else open.lines.push(text)
    } else if (fence?.[1]) open = { fence: fence[1], language: (fence[2] ?? '').toLowerCase(), line: index + 2, lines: [] }
  })
  if (open) blocks.push({ language: open.language, line: open.line, text: open.lines.join('\n') })
  return blocks
}

type Parse = (block: Block) => { errors: Finding[]; warnings: Finding[] }

const parseYaml: Parse = ({ text, line }) => {
  const documents = parseAllDocuments(text, { prettyErrors: false })
  const list = Array.isArray(documents) ? documents : []
  const at = (offset: number): number => line + text.slice(0, offset).split('\n').length - 1
  const finding = (fault: { pos: [number, number]; message: string }): Finding => ({
    line: at(fault.pos[0]),
    language: 'YAML',
    message: fault.message,
  })
  return { errors: list.flatMap((doc) => doc.errors.map(finding)), warnings: list.flatMap((doc) => doc.warnings.map(finding)) }
}

const parseJson: Parse = ({ text, line }) => {
  try {
    JSON.parse(text)
    return { errors: [], warnings: [] }
  } catch (fault) {
    const message = fault instanceof Error ? fault.message : 'syntax error'
    const offset = Number(/position (\d+)/.exec(message)?.[1] ?? 0)
    return { errors: [{ line: line + text.slice(0, offset).split('\n').length - 1, language: 'JSON', message }], warnings: [] }
  }
}

const parsers: Readonly<Record<string, Parse>> = { json: parseJson, yaml: parseYaml, yml: parseYaml }
