import { appendFile, rename, stat } from 'node:fs/promises'
import type { Decision, DecisionLog } from '../../ports/decision-log.ts'

export interface DecisionLogOptions {
  /** One JSON line a decision. Its predecessor is beside it with `.1` at the end. */
  readonly file: string
  readonly onFault: (fault: unknown) => void
  readonly flushMs?: number
  readonly maxBytes?: number
}

const FLUSH_MS = 1000
const MAX_BYTES = 16 * 1024 * 1024
/** What may wait for the disk. */
const MAX_WAITING = 20_000
const RECENT = 500

/** Decisions in a file of bounded size. Whoever adds one waits for nothing. */
export function createDecisionLog(options: DecisionLogOptions): DecisionLog {
  const { file, onFault, flushMs = FLUSH_MS, maxBytes = MAX_BYTES } = options
  const recent: Decision[] = []
  let next = 0
  let waiting: Decision[] = []
  let left = 0
  let timer: NodeJS.Timeout | undefined
  let writing: Promise<void> = Promise.resolve()

  async function write(decisions: readonly Decision[], leftOut: number): Promise<void> {
    const lines = decisions.map((one) => JSON.stringify(one))
    if (leftOut > 0) lines.push(JSON.stringify({ at: Date.now(), left_out: leftOut }))
    const size = (await stat(file).catch(() => undefined))?.size ?? 0
    if (size > maxBytes) await rename(file, `${file}.1`)
    await appendFile(file, `${lines.join('\n')}\n`, { mode: 0o600 })
  }

  function flush(): void {
    timer = undefined
    if (waiting.length === 0) return
    const [decisions, leftOut] = [waiting, left]
    waiting = []
    left = 0
    writing = writing.then(() => write(decisions, leftOut)).catch(onFault)
  }

  return {
    add(decision) {
      recent[next % RECENT] = decision
      next++
      if (waiting.length >= MAX_WAITING) left++
      else waiting.push(decision)
      timer ??= setTimeout(flush, flushMs).unref()
    },
    recent(limit) {
      const count = Math.min(limit, recent.length)
      return Array.from({ length: count }, (_, index) => recent[(next - 1 - index) % RECENT]).filter((one) => one !== undefined)
    },
    async stop() {
      clearTimeout(timer)
      flush()
      await writing
    },
  }
}
