import type { FileHandle } from 'node:fs/promises'

/** A value of a GGUF header; numbers carry their type, since the format does. */
export type GgufValue =
  | { readonly type: 'uint32' | 'float32'; readonly value: number }
  | { readonly type: 'bool'; readonly value: boolean }
  | { readonly type: 'string'; readonly value: string }
  | { readonly type: 'strings'; readonly value: readonly string[] }
  | { readonly type: 'int32s'; readonly value: readonly number[] }

export interface GgufTensor {
  readonly name: string
  /** Innermost dimension first, as ggml counts them. */
  readonly shape: readonly number[]
  readonly format: 'f32' | 'f16'
  /** The bytes in `format`, little-endian; read when it is this tensor's turn. */
  readonly read: () => Promise<Uint8Array>
}

const VERSION = 3
const ALIGNMENT = 32
const VALUE_TYPES = { uint32: 4, float32: 6, bool: 7, string: 8, array: 9, int32: 5 } as const
const TENSOR_TYPES = { f32: 0, f16: 1 } as const
const ELEMENT_BYTES = { f32: 4, f16: 2 } as const

/** Writes a GGUF file (version 3, https://github.com/ggml-org/ggml/blob/master/docs/gguf.md): the same input gives the same bytes. */
export async function writeGguf(
  file: FileHandle,
  header: readonly (readonly [key: string, value: GgufValue])[],
  tensors: readonly GgufTensor[],
  signal: AbortSignal,
): Promise<void> {
  const parts: Buffer[] = [Buffer.from('GGUF'), uint32(VERSION), uint64(tensors.length), uint64(header.length)]
  for (const [key, value] of header) parts.push(string(key), ...encode(value))
  let offset = 0
  for (const { name, shape, format } of tensors) {
    parts.push(string(name), uint32(shape.length), ...shape.map(uint64), uint32(TENSOR_TYPES[format]), uint64(offset))
    offset += aligned(bytesOf({ shape, format }))
  }
  const head = Buffer.concat(parts)
  await file.writeFile(padded(head))
  for (const tensor of tensors) {
    signal.throwIfAborted()
    const bytes = await tensor.read()
    if (bytes.byteLength !== bytesOf(tensor))
      throw new Error(`the tensor ${tensor.name} has ${bytes.byteLength} bytes where ${bytesOf(tensor)} are expected`)
    await file.writeFile(padded(bytes))
  }
}

const bytesOf = ({ shape, format }: Pick<GgufTensor, 'shape' | 'format'>) =>
  shape.reduce((product, length) => product * length, ELEMENT_BYTES[format])

const aligned = (length: number) => Math.ceil(length / ALIGNMENT) * ALIGNMENT

function padded(bytes: Uint8Array): Uint8Array {
  const rest = aligned(bytes.byteLength) - bytes.byteLength
  return rest === 0 ? bytes : Buffer.concat([bytes, Buffer.alloc(rest)])
}

function encode(value: GgufValue): Buffer[] {
  switch (value.type) {
    case 'uint32':
      return [uint32(VALUE_TYPES.uint32), uint32(value.value)]
    case 'float32': {
      const bytes = Buffer.alloc(4)
      bytes.writeFloatLE(value.value)
      return [uint32(VALUE_TYPES.float32), bytes]
    }
    case 'bool':
      return [uint32(VALUE_TYPES.bool), Buffer.from([value.value ? 1 : 0])]
    case 'string':
      return [uint32(VALUE_TYPES.string), string(value.value)]
    case 'strings':
      return [
        uint32(VALUE_TYPES.array),
        uint32(VALUE_TYPES.string),
        uint64(value.value.length),
        ...value.value.map((one) => string(one)),
      ]
    case 'int32s':
      return [
        uint32(VALUE_TYPES.array),
        uint32(VALUE_TYPES.int32),
        uint64(value.value.length),
        Buffer.from(Int32Array.from(value.value).buffer),
      ]
  }
}

function string(text: string): Buffer {
  const bytes = Buffer.from(text)
  return Buffer.concat([uint64(bytes.length), bytes])
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32LE(value)
  return bytes
}

function uint64(value: number): Buffer {
  const bytes = Buffer.alloc(8)
  bytes.writeBigUInt64LE(BigInt(value))
  return bytes
}
