import { createReadStream, createWriteStream } from 'node:fs'
import { open, type FileHandle } from 'node:fs/promises'
import { PassThrough } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createInflateRaw } from 'node:zlib'

const END_OF_DIRECTORY = 0x06054b50
const DIRECTORY_ENTRY = 0x02014b50
const LOCAL_HEADER = 0x04034b50
const LONGEST_TAIL = 22 + 0xffff
const STORED = 0
const DEFLATED = 8

interface Member {
  readonly method: number
  readonly packedBytes: number
  readonly offset: number
}

/** Writes one member of a zip archive (a wheel is one) to `target`. Archives over 4 GB are not read. */
export async function extractMember(archive: string, name: string, target: string, signal: AbortSignal): Promise<void> {
  const file = await open(archive)
  try {
    const member = await findMember(file, name)
    if (!member) throw new Error(`the package has no file ${name}`)
    if (member.method !== STORED && member.method !== DEFLATED) throw new Error(`${name} is packed in a way that cannot be read`)
    const header = await read(file, member.offset, 30)
    if (header.readUInt32LE(0) !== LOCAL_HEADER) throw new Error(`the package is damaged at ${name}`)
    const start = member.offset + 30 + header.readUInt16LE(26) + header.readUInt16LE(28)
    await pipeline(
      createReadStream(archive, { start, end: start + member.packedBytes - 1 }),
      member.method === DEFLATED ? createInflateRaw() : new PassThrough(),
      createWriteStream(target),
      { signal },
    )
  } finally {
    await file.close()
  }
}

async function findMember(file: FileHandle, name: string): Promise<Member | undefined> {
  const { size } = await file.stat()
  const tail = await read(file, Math.max(0, size - LONGEST_TAIL), Math.min(size, LONGEST_TAIL))
  let end = tail.length - 22
  while (end >= 0 && tail.readUInt32LE(end) !== END_OF_DIRECTORY) end--
  if (end < 0) throw new Error('the package is not a complete zip archive')
  const directory = await read(file, tail.readUInt32LE(end + 16), tail.readUInt32LE(end + 12))
  let at = 0
  while (at + 46 <= directory.length && directory.readUInt32LE(at) === DIRECTORY_ENTRY) {
    const nameEnd = at + 46 + directory.readUInt16LE(at + 28)
    if (directory.toString('utf8', at + 46, nameEnd) === name) {
      return {
        method: directory.readUInt16LE(at + 10),
        packedBytes: directory.readUInt32LE(at + 20),
        offset: directory.readUInt32LE(at + 42),
      }
    }
    at = nameEnd + directory.readUInt16LE(at + 30) + directory.readUInt16LE(at + 32)
  }
  return undefined
}

async function read(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, position)
  return buffer.subarray(0, bytesRead)
}
