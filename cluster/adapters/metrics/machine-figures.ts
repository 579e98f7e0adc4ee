import { statfs } from 'node:fs/promises'
import { Gauge, type Registry } from 'prom-client'
import type { EngineFailure } from '../../ports/engine-process.ts'
import { aliasedCounter } from './aliases.ts'

const CAUSES: readonly EngineFailure[] = ['crashed', 'hung']

/** Counts engine processes that ended in the middle of their lives. */
export function countEngineFailures(registry: Registry): (cause: EngineFailure) => void {
  const failures = aliasedCounter<'cause'>(registry, {
    name: 'signalbox_worker_failures_total',
    aliases: ['ray_data_worker_failures_total'],
    help: 'Engine processes of this machine that crashed, or were ended because they hung.',
    labelNames: ['cause'],
  })
  // From nothing on, so that the first is seen as an increase.
  for (const cause of CAUSES) failures.inc({ cause }, 0)
  return (cause) => failures.inc({ cause })
}

/** How much of the disk under a folder is free for this user, asked for at each scrape. */
export function gaugeDisk(registry: Registry, directory: string): void {
  new Gauge({
    name: 'signalbox_disk_free_ratio',
    help: 'Free share of the disk that the data directory is on.',
    registers: [registry],
    async collect() {
      const { bavail, blocks } = await statfs(directory)
      this.set(bavail / blocks)
    },
  })
}
