import { open, readFile, type FileHandle } from 'node:fs/promises'
import * as z from 'zod'
import { writeGguf, type GgufTensor, type GgufValue } from './gguf-file.ts'

export interface BertFiles {
  /** A BERT encoder with mean pooling, 32-bit weights in safetensors. */
  readonly weights: string
  /** Its WordPiece vocabulary, one token a line. */
  readonly vocabulary: string
  readonly name: string
  readonly target: string
  readonly signal: AbortSignal
}

const HEADS_OF_32 = 32
const LAYER_NORM_EPSILON = 1e-12

/**
 * Writes a BERT sentence encoder as the GGUF file that llama.cpp reads, with the names and types that its own converter gives
 * them: matrices in 16 bits, what is added or normalised in 32. Packages hold such encoders as safetensors only.
 */
export async function writeBertGguf({ weights, vocabulary, name, target, signal }: BertFiles): Promise<void> {
  const source = await open(weights)
  try {
    const { tensors, dataStart } = await readIndex(source)
    const wanted = [...tensors]
      .map(([from, tensor]) => ({ to: ggufName(from), tensor }))
      .filter((one): one is { to: string; tensor: StoredTensor } => one.to !== undefined)
      .sort((a, b) => (a.to < b.to ? -1 : 1))
    const file = await open(target, 'w')
    try {
      await writeGguf(
        file,
        headerOf(name, tensors, (await readFile(vocabulary, 'utf8')).split(/\r?\n/)),
        wanted.map(({ to, tensor }) => toGguf(source, dataStart, to, tensor)),
        signal,
      )
    } finally {
      await file.close()
    }
  } finally {
    await source.close()
  }
}

const storedTensor = z.object({
  dtype: z.string(),
  shape: z.array(z.int().positive()),
  data_offsets: z.tuple([z.int().nonnegative(), z.int().nonnegative()]),
})
type StoredTensor = z.infer<typeof storedTensor>

const LONGEST_INDEX = 10_000_000

async function readIndex(file: FileHandle): Promise<{ tensors: ReadonlyMap<string, StoredTensor>; dataStart: number }> {
  const length = Number((await readAt(file, 0, 8)).readBigUInt64LE())
  if (length > LONGEST_INDEX) throw new Error('the weights are not a safetensors file')
  const { __metadata__: _, ...index } = z
    .record(z.string(), z.unknown())
    .parse(JSON.parse((await readAt(file, 8, length)).toString('utf8')))
  return { tensors: new Map(Object.entries(z.record(z.string(), storedTensor).parse(index))), dataStart: 8 + length }
}

function toGguf(source: FileHandle, dataStart: number, name: string, { dtype, shape, data_offsets }: StoredTensor): GgufTensor {
  if (dtype !== 'F32') throw new Error(`the tensor ${name} is in ${dtype} where F32 is expected`)
  const isMatrix = shape.length > 1 && name !== 'position_embd.weight' && name !== 'token_types.weight'
  return {
    name,
    shape: shape.toReversed(),
    format: isMatrix ? 'f16' : 'f32',
    async read() {
      const bytes = await readAt(source, dataStart + data_offsets[0], data_offsets[1] - data_offsets[0])
      return isMatrix ? halved(bytes) : bytes
    },
  }
}

function halved(bytes: Buffer): Uint8Array {
  const floats = new Float32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4)
  return new Uint8Array(Float16Array.from(floats).buffer)
}

async function readAt(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const bytes = Buffer.from(new ArrayBuffer(length))
  let done = 0
  while (done < length) {
    const { bytesRead } = await file.read(bytes, done, length - done, position + done)
    if (bytesRead === 0) throw new Error('the weights end too early')
    done += bytesRead
  }
  return bytes
}

const NAMES: readonly (readonly [RegExp, string])[] = [
  [/^embeddings\.word_embeddings\./, 'token_embd.'],
  [/^embeddings\.position_embeddings\./, 'position_embd.'],
  [/^embeddings\.token_type_embeddings\./, 'token_types.'],
  [/^embeddings\.LayerNorm\./, 'token_embd_norm.'],
  [/^encoder\.layer\.(\d+)\.attention\.self\.query\./, 'blk.$1.attn_q.'],
  [/^encoder\.layer\.(\d+)\.attention\.self\.key\./, 'blk.$1.attn_k.'],
  [/^encoder\.layer\.(\d+)\.attention\.self\.value\./, 'blk.$1.attn_v.'],
  [/^encoder\.layer\.(\d+)\.attention\.output\.dense\./, 'blk.$1.attn_output.'],
  [/^encoder\.layer\.(\d+)\.attention\.output\.LayerNorm\./, 'blk.$1.attn_output_norm.'],
  [/^encoder\.layer\.(\d+)\.intermediate\.dense\./, 'blk.$1.ffn_up.'],
  [/^encoder\.layer\.(\d+)\.output\.dense\./, 'blk.$1.ffn_down.'],
  [/^encoder\.layer\.(\d+)\.output\.LayerNorm\./, 'blk.$1.layer_output_norm.'],
]

/** Undefined for what the encoder's output does not need: position ids and the pooler for next sentences. */
function ggufName(name: string): string | undefined {
  const found = NAMES.find(([pattern]) => pattern.test(name))
  return found && name.replace(found[0], found[1])
}

function headerOf(
  name: string,
  tensors: ReadonlyMap<string, StoredTensor>,
  lines: readonly string[],
): readonly (readonly [string, GgufValue])[] {
  const shape = (tensor: string) => {
    const found = tensors.get(tensor)
    if (!found) throw new Error(`the weights are not those of a BERT encoder: there is no ${tensor}`)
    return found.shape
  }
  const [words = 0, width = 0] = shape('embeddings.word_embeddings.weight')
  const [positions = 0] = shape('embeddings.position_embeddings.weight')
  const [tokenTypes = 0] = shape('embeddings.token_type_embeddings.weight')
  const [inner = 0] = shape('encoder.layer.0.intermediate.dense.weight')
  const blocks = [...tensors.keys()].filter((each) => each.endsWith('.intermediate.dense.weight')).length
  const tokens = lines.slice(0, words)
  if (tokens.length < words) throw new Error(`the vocabulary has ${tokens.length} tokens where ${words} are expected`)
  const number = (value: number): GgufValue => ({ type: 'uint32', value })
  const idOf = (token: string) => number(tokens.indexOf(token))
  return [
    ['general.architecture', { type: 'string', value: 'bert' }],
    ['general.name', { type: 'string', value: name }],
    ['general.file_type', number(1)],
    ['bert.block_count', number(blocks)],
    ['bert.context_length', number(positions)],
    ['bert.embedding_length', number(width)],
    ['bert.feed_forward_length', number(inner)],
    ['bert.attention.head_count', number(width / HEADS_OF_32)],
    ['bert.attention.layer_norm_epsilon', { type: 'float32', value: LAYER_NORM_EPSILON }],
    ['bert.attention.causal', { type: 'bool', value: false }],
    ['bert.pooling_type', number(1)],
    ['tokenizer.ggml.model', { type: 'string', value: 'bert' }],
    ['tokenizer.ggml.pre', { type: 'string', value: 'default' }],
    ['tokenizer.ggml.tokens', { type: 'strings', value: tokens.map(phantomSpace) }],
    ['tokenizer.ggml.token_type', { type: 'int32s', value: tokens.map((token) => (isControl(token) ? 3 : 1)) }],
    ['tokenizer.ggml.token_type_count', number(tokenTypes)],
    ['tokenizer.ggml.unknown_token_id', idOf('[UNK]')],
    ['tokenizer.ggml.seperator_token_id', idOf('[SEP]')],
    ['tokenizer.ggml.padding_token_id', idOf('[PAD]')],
    ['tokenizer.ggml.cls_token_id', idOf('[CLS]')],
    ['tokenizer.ggml.mask_token_id', idOf('[MASK]')],
  ]
}

const isControl = (token: string) => /^\[.*\]$/.test(token) && token.length > 2

/** llama.cpp marks the beginning of a word, where WordPiece marks its continuation. */
function phantomSpace(token: string): string {
  if (isControl(token)) return token
  return token.startsWith('##') ? token.slice(2) : `\u2581${token}`
}
