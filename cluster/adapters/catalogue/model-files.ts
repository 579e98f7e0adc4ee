import { constants } from 'node:fs'
import { copyFile, link, open, rename, rm, stat, statfs } from 'node:fs/promises'

/** 0 for a file that is not there. */
export async function fileBytes(file: string): Promise<number> {
  return stat(file).then(
    ({ size }) => size,
    () => 0,
  )
}

export async function freeDiskBytes(directory: string): Promise<number> {
  const { bavail, bsize } = await statfs(directory)
  return bavail * bsize
}

/** Puts a file where it is wanted, without a second copy of its bytes where the disk allows that. */
export async function placeFile(from: string, to: string): Promise<void> {
  const next = `${to}.next`
  await rm(next, { force: true })
  await link(from, next).catch(() => copyFile(from, next, constants.COPYFILE_FICLONE))
  await rename(next, to)
}

/** Why a file cannot be a model, in plain words; undefined if it can. */
export async function whyNotGguf(path: string): Promise<string | undefined> {
  const found = await stat(path).catch(() => undefined)
  if (!found) return `There is no file ${path} on this machine, or it may not be read.`
  if (!found.isFile()) return `${path} is not a file.`
  const file = await open(path)
  try {
    const { buffer } = await file.read(Buffer.alloc(4), 0, 4, 0)
    return buffer.toString('latin1') === 'GGUF' ? undefined : `${path} is not a GGUF model file.`
  } finally {
    await file.close()
  }
}
