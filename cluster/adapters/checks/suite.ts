import { join } from 'node:path'
import type { Checks } from '../../ports/checks.ts'
import type { ManifestServer } from '../../ports/manifest-server.ts'
import { createCheckThread } from './check-thread.ts'
import { dryRun } from './kubernetes/check.ts'
import { lint } from './lint.ts'
import { policy } from './policy/policy.ts'
import { scored } from './policy/scored.ts'

const COMPILE_LIMIT_MS = 10_000

/**
 * The check suite. `threadModule` is `thread-main.ts`, wherever this build keeps it; `resourcesDir` has the schemas; `connected` gives the
 * server for dry runs, null where there is none.
 */
export function createChecks(
  threadModule: URL,
  resourcesDir: string,
  connected: () => Promise<ManifestServer | null> = () => Promise.resolve(null),
): Checks {
  const schemasFile = join(resourcesDir, 'kubernetes-schemas.json.gz')
  const thread = createCheckThread(threadModule)
  return {
    run: async (text) => [
      await policy(text, thread),
      await lint(text.content, thread, text.sections),
      await dryRun(text.content, { thread, schemasFile, server: await connected() }, text.cluster),
      ...(await scored(text.content, text.additional ?? [], thread)),
    ],
    policy: (text) => policy(text, thread),
    async faultOf({ test, applies_to }) {
      const outcome = await thread.call('fault', { test, applies_to }, COMPILE_LIMIT_MS)
      return outcome.kind === 'done' ? outcome.output : outcome.reason
    },
    async faultOfScored(expression) {
      const outcome = await thread.call('fault-scored', { expression }, COMPILE_LIMIT_MS)
      return outcome.kind === 'done' ? outcome.output : outcome.reason
    },
    stop: () => thread.stop(),
  }
}
