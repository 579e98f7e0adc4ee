import { mkdirSync, renameSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { destination, type Logger, multistream, pino } from 'pino'

const keepBytes = 5 * 1024 * 1024

/** The file of the log, one JSON object a line; an older one may stand beside it with the ending `.1`. */
export function logFile(dataDir: string): string {
  return join(dataDir, 'signalbox.log')
}

/**
 * Opens the log of a data directory, the first thing that a process does there: from then on nothing that it writes is for others to
 * read. Errors also go to standard error, in plain words.
 */
export function openLog({ dataDir, logLevel }: { dataDir: string; logLevel: string }): Logger {
  process.umask(0o077)
  mkdirSync(dataDir, { recursive: true, mode: 0o700 })
  const file = logFile(dataDir)
  if ((statSync(file, { throwIfNoEntry: false })?.size ?? 0) > keepBytes) renameSync(file, `${file}.1`)
  return pino(
    { level: logLevel },
    multistream([
      { level: 'trace', stream: destination({ dest: file, sync: true }) },
      { level: 'error', stream: { write: (line) => void process.stderr.write(`signalbox: ${inWords(line)}\n`) } },
    ]),
  )
}

function inWords(line: string): string {
  const { msg, err } = JSON.parse(line) as { msg?: string; err?: { message?: string } }
  return [msg, err?.message].filter(Boolean).join(': ')
}
