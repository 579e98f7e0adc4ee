import { alignOffsets, cutAtQuotes, type Quote } from './quotes.ts'

/** The part of a Markdown syntax tree that marking needs. */
interface Node {
  type: string
  value?: string
  children?: Node[]
  position?: { start: { offset?: number }; end: { offset?: number } }
  data?: { hName?: string; hProperties?: Record<string, unknown> }
}

interface Leaf {
  readonly node: Node
  readonly parent: Node
  readonly start: number
  readonly end: number
}

/** A remark plugin: underlines the quotes in a parsed text and puts each problem's mark behind its quote. */
export function markQuotes(source: string, quotes: readonly Quote[]): () => (tree: Node) => void {
  return () => (tree) => {
    if (quotes.length === 0) return
    const leaves = leavesOf(tree)
    const endings = endingsOf(leaves, quotes)
    for (const leaf of leaves) {
      const overlapping = quotes.filter((quote) => quote.start < leaf.end && quote.end > leaf.start)
      if (overlapping.length === 0) continue
      const at = leaf.parent.children?.indexOf(leaf.node) ?? -1
      if (at >= 0) leaf.parent.children?.splice(at, 1, ...marked(leaf, source, overlapping, endings.get(leaf) ?? new Set()))
    }
  }
}

function leavesOf(tree: Node): Leaf[] {
  const leaves: Leaf[] = []
  const visit = (parent: Node): void => {
    for (const node of parent.children ?? []) {
      const start = node.position?.start.offset
      const end = node.position?.end.offset
      if (node.children) visit(node)
      else if (node.value !== undefined && start !== undefined && end !== undefined) leaves.push({ node, parent, start, end })
    }
  }
  visit(tree)
  return leaves
}

/** The last text that a quote runs through carries its mark. */
function endingsOf(leaves: readonly Leaf[], quotes: readonly Quote[]): Map<Leaf, Set<Quote>> {
  const endings = new Map<Leaf, Set<Quote>>()
  for (const quote of quotes) {
    const last = leaves.findLast((leaf) => quote.start < leaf.end && quote.end > leaf.start)
    if (last) endings.set(last, (endings.get(last) ?? new Set()).add(quote))
  }
  return endings
}

function marked(leaf: Leaf, source: string, quotes: readonly Quote[], lastOf: ReadonlySet<Quote>): Node[] {
  const value = leaf.node.value ?? ''
  const offsets = leaf.node.type === 'text' ? alignOffsets(value, source, leaf.start, leaf.end) : null
  const ends = [...lastOf].map(markNode)
  if (offsets) {
    return cutAtQuotes(value, offsets, quotes, lastOf).flatMap((piece) => {
      const text: Node = { type: 'text', value: piece.text }
      return [piece.quoted ? quoteNode(text, piece.problemIds) : text, ...piece.ends.map(markNode)]
    })
  }
  if (leaf.node.type === 'code') return [leaf.node, ...(ends.length > 0 ? [{ type: 'paragraph', children: ends }] : [])]
  return [
    quoteNode(
      leaf.node,
      quotes.map((quote) => quote.problemId),
    ),
    ...ends,
  ]
}

function quoteNode(child: Node, problemIds: readonly string[]): Node {
  return { type: 'quotation', children: [child], data: { hName: 'mark', hProperties: { dataProblem: problemIds.join(' ') } } }
}

function markNode(quote: Quote): Node {
  return {
    type: 'problemMark',
    children: [{ type: 'text', value: quote.problemId }],
    data: { hName: 'data', hProperties: { value: quote.tone } },
  }
}
