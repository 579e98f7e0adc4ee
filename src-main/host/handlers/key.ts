import type { EmbeddedPlane } from '../../../cluster/entries/embedded.ts'
import type { Handlers } from '../../../src-preload/contract/define.ts'
import type { consoleContract } from '../../../src-preload/contract/index.ts'
import { changes } from '../feeds/changes.ts'
import { accept } from './refusals.ts'

const INTERVAL_MS = 100

export function keyHandlers({ keys }: Pick<EmbeddedPlane, 'keys'>): Handlers<typeof consoleContract>['key'] {
  const all = () => ({ keys: [...keys.list()] })
  return {
    watch: async function* (_, signal) {
      const changed = changes((onChanged) => keys.onChanged(() => onChanged(['key'])), INTERVAL_MS, signal)
      yield all()
      for await (const _key of changed) yield all()
    },
    create: async (wanted) => {
      const { key, view } = accept(await keys.create(wanted))
      return { key, view }
    },
    revoke: async ({ id }) => {
      accept(await keys.revoke(id))
      return {}
    },
  }
}
