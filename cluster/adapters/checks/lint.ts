import type { CheckResult, LintDetails, LintError } from '../../messages/check-results.ts'
import type { CheckThread } from './check-thread.ts'
import { fencedBlocks, type Block } from './fences.ts'
import { skipped, type Finding, type Parsed } from './finding.ts'
import { languageOf } from './languages.ts'
import { sectionFindings } from './sections.ts'

/** What is looked at and listed of one text. What is left out is said. */
const MAX_BLOCKS = 50
const MAX_BLOCK_CHARACTERS = 256_000
const MAX_LISTED = 20
const MAX_MESSAGE_CHARACTERS = 300
const BLOCK_LIMIT_MS = 10_000
const TEXT_LIMIT_MS = 30_000

interface Placed {
  readonly block: Pick<Block, 'line' | 'indent'>
  readonly name: string
}

interface LintedBlock extends Placed {
  readonly block: Block
  readonly result: Parsed
}

/**
 * Parses every fenced block whose language has a parser; a block that cannot be parsed here is skipped with the reason. Looks for the
 * sections that the text must have.
 */
export async function lint(content: string, thread: CheckThread, required: readonly string[] = []): Promise<CheckResult> {
  const blocks = fencedBlocks(content)
  const linted: LintedBlock[] = []
  const until = performance.now() + TEXT_LIMIT_MS
  for (const block of blocks.slice(0, MAX_BLOCKS)) {
    const name = languageOf(block.language)?.name ?? block.language
    linted.push({ block, name, result: await parseBlock(block, thread, until - performance.now()) })
  }
  return resultOf(linted, blocks.length, { count: required.length, findings: sectionFindings(content, required) })
}

async function parseBlock(block: Block, thread: CheckThread, timeLeftMs: number): Promise<Parsed> {
  if (block.language === '') return skipped('its fence names no language')
  if (!languageOf(block.language)) return skipped(`there is no parser for “${block.language}”`)
  if (block.text.length > MAX_BLOCK_CHARACTERS)
    return skipped(`it is longer than the ${MAX_BLOCK_CHARACTERS / 1000} kB that are parsed`)
  if (timeLeftMs <= 0) return skipped('the time for this text was used up')
  const outcome = await thread.call('parse', { fence: block.language, text: block.text }, Math.min(BLOCK_LIMIT_MS, timeLeftMs))
  return outcome.kind === 'done' ? outcome.output : skipped(outcome.reason)
}

interface Sections {
  readonly count: number
  readonly findings: readonly Finding[]
}

function resultOf(linted: readonly LintedBlock[], blockCount: number, sections: Sections): CheckResult {
  const found = [
    ...sections.findings.map((finding) => listed(WHOLE_TEXT, finding)),
    ...linted.flatMap((each) => findingsOf(each).map((finding) => listed(each, finding))),
  ]
  const errors = found.filter((each) => each.severity === 'error')
  const warnings = found.length - errors.length
  const parsedBlocks = linted.filter(({ result }) => result.kind === 'parsed')
  const details: LintDetails = {
    kind: 'lint',
    error_count: errors.length,
    warning_count: warnings,
    errors: [...errors, ...found.filter((each) => each.severity === 'warning')].slice(0, MAX_LISTED),
    blocks: linted.map(({ block, name, result }) => ({
      language: name,
      line: block.line,
      skipped: result.kind === 'skipped' ? result.reason : null,
    })),
    blocks_left_out: blockCount - linted.length,
  }
  if (parsedBlocks.length === 0 && sections.count === 0)
    return {
      check: 'lint',
      status: 'skipped',
      message: nothingParsed(linted),
      warnings: 0,
      ...(linted.length > 0 && { details }),
    }
  const skippedCount = blockCount - parsedBlocks.length
  const counted = [
    ...(sections.count > 0 ? [`${sections.count - sections.findings.length} of ${sections.count} required sections there`] : []),
    ...(blockCount > 0 ? [`${parsedBlocks.length} ${parsedBlocks.length === 1 ? 'block' : 'blocks'} parsed`] : []),
    ...(skippedCount > 0 ? [`${skippedCount} skipped`] : []),
  ].join(', ')
  const said =
    errors.length === 0 ? 'no error.' : `${errors.length} ${errors.length === 1 ? 'error' : 'errors'}: ${inWords(errors)}`
  return { check: 'lint', status: errors.length === 0 ? 'passed' : 'failed', message: `${counted}, ${said}`, warnings, details }
}

function findingsOf({ block, result }: LintedBlock): readonly Finding[] {
  if (result.kind === 'skipped') return []
  if (block.closed) return result.findings
  const message = 'The fence is never closed: the text may have been cut off.'
  return [...result.findings, { line: 1, column: 1, rule: 'fence-unclosed', message, severity: 'warning' }]
}

/** Where a finding of the text itself stands. */
const WHOLE_TEXT = { block: { line: 1, indent: 0 }, name: 'Markdown' }

const listed = ({ block, name }: Placed, finding: Finding): LintError => ({
  line: block.line + finding.line - 1,
  block_line: finding.line,
  column: finding.column + block.indent,
  rule: finding.rule,
  message: finding.message.slice(0, MAX_MESSAGE_CHARACTERS),
  language: name,
  severity: finding.severity,
})

function nothingParsed(linted: readonly LintedBlock[]): string {
  const [first] = linted
  if (!first) return 'No fenced block to parse.'
  const reason = first.result.kind === 'skipped' ? first.result.reason : ''
  return linted.length === 1
    ? `The one block was skipped: ${reason}.`
    : `All ${linted.length} blocks were skipped; the first: ${reason}.`
}

function inWords(errors: readonly LintError[]): string {
  return errors
    .slice(0, 3)
    .map(({ line, language, message }) => `line ${line} (${language}): ${message}`)
    .join('; ')
}
