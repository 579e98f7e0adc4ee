import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createReadStream } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { hostOptions } from '../../e2e/servers/host.ts'
import { openDirectoryBlobs } from '../adapters/directory/blobs.ts'
import { createValidator, fileLimits } from '../adapters/validation/validator.ts'
import { madeUpLine, NEWLINE, writeMadeUpFile } from './made-up-requests.ts'
import { median, perSecond, timed } from './report.ts'
import type { Figure } from './report.ts'

const LINES = 50_000
const ROUNDS = 11
const PIECE_BYTES = 120 * 1024
const FILE_BYTES = 200 * 1024 * 1024
const MEMORY_BAR_MB = 150

/** Lines a second held against the rules on one core against bare JSON.parse of the same lines, and the memory that a 200 MB file takes. */
export async function benchBatchValidate(): Promise<readonly Figure[]> {
  return [await benchLines(), await benchMemory()]
}

async function benchLines(): Promise<Figure> {
  const lines = Array.from({ length: LINES }, (_, n) => madeUpLine(n))
  const file = Buffer.from(lines.map((line) => line + NEWLINE).join(''))
  const rounds = {
    bare: () => {
      for (const line of lines) JSON.parse(line)
    },
    ours: () => {
      const validator = createValidator('/v1/chat/completions', false, fileLimits)
      for (let start = 0; start < file.length; start += PIECE_BYTES) validator.push(file.subarray(start, start + PIECE_BYTES))
      const { error_count, requests } = validator.end()
      if (error_count > 0 || requests !== LINES) throw new Error(`The made-up file is not sound: ${error_count} errors.`)
    },
  }
  const times: { bare: number; ours: number }[] = []
  for (let round = 0; round <= ROUNDS; round++) {
    const time = { bare: await timed(rounds.bare), ours: await timed(rounds.ours) }
    // The first round warms up.
    if (round > 0) times.push(time)
  }
  const value = perSecond(LINES, median(times.map((time) => time.ours)))
  const ratio = median(times.map((time) => time.bare / time.ours))
  return {
    bench: 'batch-validate',
    metric: 'lines of 774 bytes held against the rules, one core, against JSON.parse of the same lines',
    value,
    unit: 'lines/s',
    baseline: perSecond(LINES, median(times.map((time) => time.bare))),
    ratio,
    bar: '≥ 500,000 lines/s or ≥ 0.6 of bare JSON.parse',
    ok: value >= 500_000 || ratio >= 0.6,
  }
}

/** In a process of its own, from the directory store through the validation thread. */
async function benchMemory(): Promise<Figure> {
  const directory = await mkdtemp(join(tmpdir(), 'signalbox-bench-'))
  try {
    const file = join(directory, 'input.jsonl')
    await writeMadeUpFile(file, FILE_BYTES)
    const program = fileURLToPath(new URL('./validate-one-file.ts', import.meta.url))
    const folder = join(directory, 'blobs')
    const { sha256 } = await (await openDirectoryBlobs(folder)).put(createReadStream(file) as AsyncIterable<Buffer>)
    const child = spawn(process.execPath, [...hostOptions, program, folder, sha256], { stdio: ['ignore', 'pipe', 'inherit'] })
    let said = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => (said += text))
    const [code] = (await once(child, 'close')) as [number]
    if (code !== 0) throw new Error(`The validation of a 200 MB file ended with code ${code}.`)
    const value = Number(said)
    const bar = `≤ ${MEMORY_BAR_MB} MB`
    const metric = 'most memory of a process that validates a file of 200 MB'
    return { bench: 'batch-validate', metric, value, unit: 'MB', bar, ok: value <= MEMORY_BAR_MB }
  } finally {
    await rm(directory, { recursive: true })
  }
}
