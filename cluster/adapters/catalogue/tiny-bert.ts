/** A sentence encoder of no use, in the form that packages hold them: for tests. */
export const TINY_VOCABULARY = ['[PAD]', '[UNK]', '[CLS]', '[SEP]', '[MASK]', 'run', '##ner'].join('\n')

export const TINY_BERT = {
  'embeddings.word_embeddings.weight': [7, 32],
  'embeddings.position_embeddings.weight': [4, 32],
  'embeddings.token_type_embeddings.weight': [2, 32],
  'embeddings.LayerNorm.weight': [32],
  'encoder.layer.0.intermediate.dense.weight': [64, 32],
  'pooler.dense.weight': [32, 32],
}

/** A safetensors file of tensors with the given shapes, each counting 0, 1, 2 … */
export function safetensors(tensors: Readonly<Record<string, readonly number[]>>, dtype = 'F32'): Buffer {
  const parts: Buffer[] = []
  const index: Record<string, unknown> = { __metadata__: { format: 'pt' } }
  let at = 0
  for (const [name, shape] of Object.entries(tensors)) {
    const count = shape.reduce((product, length) => product * length, 1)
    const bytes = Buffer.from(Float32Array.from({ length: count }, (_, place) => place).buffer)
    index[name] = { dtype, shape, data_offsets: [at, at + bytes.length] }
    at += bytes.length
    parts.push(bytes)
  }
  const head = Buffer.from(JSON.stringify(index))
  const length = Buffer.alloc(8)
  length.writeBigUInt64LE(BigInt(head.length))
  return Buffer.concat([length, head, ...parts])
}
