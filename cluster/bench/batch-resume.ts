import { openDirectoryBlobs } from '../adapters/directory/blobs.ts'
import { bytesFrom } from '../app/texts/stored-bytes.ts'
import { join } from 'node:path'
import { runPlane, startStandIn, withFolder } from './batch-plane.ts'
import type { Figure } from './report.ts'

const REQUESTS = 5000
const CONCURRENCY = 64
const UPSTREAM_MS = 50

/** A plane that is killed at half of a batch and started again: every custom_id once, and no more calls than what was in flight. */
export async function benchBatchResume(): Promise<readonly Figure[]> {
  const server = await startStandIn(UPSTREAM_MS)
  try {
    return await withFolder(async (folder) => {
      let reached = (): void => undefined
      const half = new Promise<void>((resolve) => (reached = resolve))
      const first = runPlane(folder, server.url, REQUESTS, CONCURRENCY, 'fixed', ({ completed }) => {
        if (completed >= REQUESTS / 2) reached()
      })
      await Promise.race([half, first.ended])
      await first.kill()
      const end = await runPlane(folder, server.url, REQUESTS, CONCURRENCY, 'fixed').ended
      const calls = await server.calls()
      const ids = await customIds(folder, end?.data.output?.content.sha256)
      const isWhole = ids.length === REQUESTS && new Set(ids).size === REQUESTS
      // What was in flight, and what had been answered but not yet recorded: at most one group.
      const bar = REQUESTS + 2 * CONCURRENCY
      return [
        {
          bench: 'batch-resume',
          metric: `calls for ${REQUESTS} requests with a kill -9 at half, ${CONCURRENCY} at once`,
          value: calls,
          unit: 'calls',
          baseline: REQUESTS,
          ratio: calls / REQUESTS,
          bar: `≤ ${bar}: N + what was in flight`,
          ok: calls <= bar,
        },
        {
          bench: 'batch-resume',
          metric: 'custom_ids in the output, each once',
          value: new Set(ids).size,
          unit: 'ids',
          bar: `${REQUESTS}, none twice`,
          ok: isWhole,
        },
      ]
    })
  } finally {
    server.stop()
  }
}

async function customIds(folder: string, sha256: string | undefined): Promise<readonly string[]> {
  if (sha256 === undefined) return []
  const text = new TextDecoder().decode(await bytesFrom(await openDirectoryBlobs(join(folder, 'batch-blobs')), sha256))
  return text
    .trimEnd()
    .split('\n')
    .map((line) => (JSON.parse(line) as { custom_id: string }).custom_id)
}
