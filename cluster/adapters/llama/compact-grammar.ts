import { type GbnfJsonSchema, type Llama, type LlamaGrammar, LlamaText } from 'node-llama-cpp'

/** The library's JSON grammars end in this, so that generation stops there. */
const END = '\n'.repeat(4)

/**
 * A grammar for JSON on one line. The library's own lets a model indent, and small models then spend more than half of their tokens on
 * white space.
 */
export async function compactGrammar(llama: Llama, schema: GbnfJsonSchema): Promise<LlamaGrammar> {
  const { grammar } = await llama.createGrammarForJsonSchema<GbnfJsonSchema>(schema)
  return await llama.createGrammar({
    grammar: withoutIndentation(grammar),
    stopGenerationTriggers: [LlamaText([END])],
    trimWhitespaceSuffix: true,
  })
}

/** Narrows every white-space rule to at most one space. */
export function withoutIndentation(grammar: string): string {
  return grammar
    .replaceAll(/^(comma-whitespace-\S+) ::= .*$/gm, '$1 ::= "," [ ]?')
    .replaceAll(/^(whitespace-\S+) ::= .*$/gm, '$1 ::= [ ]?')
}
