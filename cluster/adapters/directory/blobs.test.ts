import { mkdtemp, open, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { blobsConformance } from '../../ports/conformance/blobs.ts'
import { openDirectoryBlobs } from './blobs.ts'

blobsConformance('a directory', true, async () => {
  const directory = await mkdtemp(join(tmpdir(), 'signalbox-blobs-'))
  return {
    blobs: await openDirectoryBlobs(directory),
    damage: (sha256) => changeFirstByte(join(directory, sha256.slice(0, 2), sha256)),
    reopen: () => openDirectoryBlobs(directory),
    close: () => rm(directory, { recursive: true }),
  }
})

describe('a directory of blobs', () => {
  let directory: string
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'signalbox-blobs-'))
  })
  afterEach(() => rm(directory, { recursive: true }))

  it('removes at the next opening what a killed process left half written', async () => {
    await openDirectoryBlobs(directory)
    await writeFile(join(directory, 'incoming', 'half-written'), 'half')
    await openDirectoryBlobs(directory)
    expect(await readdir(join(directory, 'incoming'))).toEqual([])
  })

  it('mends a damaged copy when the same content is put again', async () => {
    const blobs = await openDirectoryBlobs(directory)
    const content = new TextEncoder().encode('the transcript')
    const { sha256 } = await blobs.put(content)
    await changeFirstByte(join(directory, sha256.slice(0, 2), sha256))
    await blobs.put(content)
    const pieces: Uint8Array[] = []
    for await (const piece of (await blobs.get(sha256)) ?? []) pieces.push(piece)
    expect(Buffer.concat(pieces).toString()).toBe('the transcript')
  })
})

async function changeFirstByte(path: string): Promise<void> {
  const file = await open(path, 'r+')
  const { buffer } = await file.read(Buffer.alloc(1), 0, 1, 0)
  await file.write(Buffer.from([(buffer[0] ?? 0) ^ 1]), 0, 1, 0)
  await file.close()
}
