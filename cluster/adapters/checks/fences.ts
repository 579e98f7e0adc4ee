/** A fenced block of a Markdown text. Lines and columns count from 1. */
export interface Block {
  readonly language: string
  readonly text: string
  /** Line of the block's first content line in the whole text. */
  readonly line: number
  /** Columns that a fence inside a list takes away from each of its lines. */
  readonly indent: number
  /** A fence that is never closed runs to the end of the text. */
  readonly closed: boolean
}

interface OpenFence {
  readonly fence: string
  readonly indent: number
  readonly language: string
  readonly line: number
  readonly lines: string[]
}

/** The fenced blocks of a text, in order. A fence may be indented (in a list); its lines lose as many columns. */
export function fencedBlocks(content: string): readonly Block[] {
  const blocks: Block[] = []
  let open: OpenFence | undefined
  const close = ({ lines, language, line, indent }: OpenFence, closed: boolean) =>
    blocks.push({ language, line, indent, closed, text: lines.join('\n') })
  content.split(/\r?\n/).forEach((text, index) => {
    const found = fenceOf(text)
    if (open === undefined) {
      if (found) open = { ...found, line: index + 2, lines: [] }
    } else if (found?.language === '' && found.fence.startsWith(open.fence)) {
      close(open, true)
      open = undefined
    } else open.lines.push(withoutIndent(text, open.indent))
  })
  if (open !== undefined) close(open, false)
  return blocks
}

function fenceOf(text: string): Pick<OpenFence, 'fence' | 'indent' | 'language'> | null {
  const [, indent = '', fence, language = ''] = /^([ \t]{0,16})(`{3,}|~{3,})[ \t]*([\w+#-]*)/.exec(text) ?? []
  return fence === undefined ? null : { fence, indent: indent.length, language: language.toLowerCase() }
}

function withoutIndent(text: string, indent: number): string {
  let cut = 0
  while (cut < indent && (text[cut] === ' ' || text[cut] === '\t')) cut++
  return text.slice(cut)
}
