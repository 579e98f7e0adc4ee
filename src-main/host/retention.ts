import type { EmbeddedPlane } from '../../cluster/entries/embedded.ts'
import { pause } from './feeds/changes.ts'

const INTERVAL_MS = 3_600_000

/** Lets go of what was kept long enough, at the start and every hour. Resolves once `signal` aborts and the pass in hand is over. */
export async function keepRetention(
  { retention }: Pick<EmbeddedPlane, 'retention'>,
  days: () => Promise<number>,
  signal: AbortSignal,
  onFault: (fault: unknown) => void,
): Promise<void> {
  while (!signal.aborted) {
    try {
      await retention.pass(await days(), signal)
    } catch (fault) {
      onFault(fault)
    }
    await pause(INTERVAL_MS, signal)
  }
}
