import { createRequire } from 'node:module'
import type * as TreeSitter from '@vscode/tree-sitter-wasm'
import { parsed, skipped, type Finding, type Parse } from '../finding.ts'

const require = createRequire(import.meta.url)
/** The package is CommonJS without named exports that Node could see. */
const { Parser, Language } = require('@vscode/tree-sitter-wasm') as typeof TreeSitter
const grammarFile = (name: string) => require.resolve(`@vscode/tree-sitter-wasm/wasm/tree-sitter-${name}.wasm`)

/** Errors of one block that are worth listing; a tree beyond repair has thousands. */
const MAX_ERRORS = 50
const QUOTED_CHARACTERS = 40

export const parsePython: Parse = (text) => {
  if (/^\s*>>>/.test(text)) return skipped('it is an interactive session, not a file')
  if (/^[%!]/m.test(text)) return skipped('it has notebook commands, which are not Python')
  return parseWith('python', text)
}

export const parseShell: Parse = (text) => {
  if (/^\s*[$#%>] \S/.test(text)) return skipped('it is a terminal session, not a script')
  return parseWith('bash', text)
}

const parsers = new Map<string, Promise<TreeSitter.Parser>>()

async function load(grammar: string): Promise<TreeSitter.Parser> {
  await Parser.init()
  return new Parser().setLanguage(await Language.load(grammarFile(grammar)))
}

async function parseWith(grammar: string, text: string) {
  const parser = parsers.get(grammar) ?? load(grammar)
  parsers.set(grammar, parser)
  const tree = (await parser).parse(text)
  if (!tree) return skipped('the parser gave no tree')
  try {
    return parsed(faultsIn(tree.rootNode))
  } finally {
    tree.delete()
  }
}

/** What the grammar could not place, what it had to make up, and Python suites with nothing in them. */
function faultsIn(root: TreeSitter.Node): Finding[] {
  const found: Finding[] = []
  const open = [root]
  for (let node = open.pop(); node && found.length < MAX_ERRORS; node = open.pop()) {
    if (node.isError) found.push(fault(node, 'syntax-error', `Cannot be read: ${quoted(node.text)}`))
    else if (node.isMissing) found.push(fault(node, 'missing', `${node.type} is missing here`))
    else if (node.type === 'block' && node.childCount === 0)
      found.push(fault(node, 'empty-block', 'An indented block is missing after this line'))
    else open.push(...node.children.filter((child) => child !== null).reverse())
  }
  return found
}

function fault(node: TreeSitter.Node, rule: string, message: string): Finding {
  const { row, column } = node.startPosition
  return { line: row + 1, column: column + 1, rule, message, severity: 'error' }
}

function quoted(text: string): string {
  const line = text.trim().split('\n')[0] ?? ''
  return line.length > QUOTED_CHARACTERS ? `“${line.slice(0, QUOTED_CHARACTERS)}…”` : `“${line}”`
}
