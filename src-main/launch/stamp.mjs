import { createHash } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import path from 'node:path'

/**
 * @typedef {{ size: number, mtimeMs: number, sha256: string }} FileMark
 * @typedef {Record<string, FileMark>} Stamp
 */

/**
 * Marks every file under the inputs. A file with the size and time of its earlier mark is not read again.
 * @param {string} folder @param {readonly string[]} inputs files or folders @param {(file: string) => boolean} counts
 * @param {Stamp} [earlier] @returns {Stamp}
 */
export function takeStamp(folder, inputs, counts, earlier = {}) {
  /** @type {Stamp} */
  const stamp = {}
  for (const file of inputs.flatMap((input) => listFiles(folder, input))) {
    if (!counts(file)) continue
    const { size, mtimeMs } = statSync(path.join(folder, file))
    const known = earlier[file]
    const isSame = known !== undefined && known.size === size && known.mtimeMs === mtimeMs
    stamp[file] = isSame ? known : { size, mtimeMs, sha256: hashFile(path.join(folder, file)) }
  }
  return stamp
}

/** Whether two stamps mean the same contents, whatever the times say. @param {Stamp} a @param {Stamp} b */
export function isSameContent(a, b) {
  const files = Object.keys(a)
  return files.length === Object.keys(b).length && files.every((file) => a[file]?.sha256 === b[file]?.sha256)
}

/** @param {string} file @returns {Stamp | undefined} undefined where there is none, or none that can be read */
export function readStamp(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    return undefined
  }
}

/** @param {string} file @param {Stamp} stamp */
export function writeStamp(file, stamp) {
  mkdirSync(path.dirname(file), { recursive: true })
  writeFileSync(file, JSON.stringify(stamp))
}

/** @param {string} folder @param {string} input @returns {string[]} */
function listFiles(folder, input) {
  const full = path.join(folder, input)
  const entry = statSync(full, { throwIfNoEntry: false })
  if (!entry) return []
  if (!entry.isDirectory()) return [input]
  return readdirSync(full)
    .sort()
    .flatMap((name) => listFiles(folder, path.posix.join(input, name)))
}

/** @param {string} file */
function hashFile(file) {
  return createHash('sha256').update(readFileSync(file)).digest('hex')
}
