import { isCouncilKey, type EmbeddedPlane } from '../../../cluster/entries/embedded.ts'
import type { Handlers } from '../../../src-preload/contract/define.ts'
import type { consoleContract } from '../../../src-preload/contract/index.ts'
import { changes } from '../feeds/changes.ts'
import { accept } from './refusals.ts'

const INTERVAL_MS = 500
const ANY = ['any']

export function councilHandlers(plane: EmbeddedPlane): Handlers<typeof consoleContract>['council'] {
  const { councils } = plane.commands
  const councilsOrState = (onChanged: (keys: Iterable<string>) => void) => {
    // A council's state follows the runs in motion and the models that are served.
    const ends = [
      plane.stateChanged((key) => isCouncilKey(key) && onChanged(ANY)),
      plane.runsChanged(() => onChanged(ANY)),
      plane.models.onChanged(() => onChanged(ANY)),
    ]
    return () => ends.forEach((end) => end())
  }

  return {
    watch: async function* (_, signal) {
      const changed = changes(councilsOrState, INTERVAL_MS, signal)
      let shown = ''
      const next = async () => {
        const value = { councils: [...(await councils.list())] }
        const text = JSON.stringify(value)
        const isNew = text !== shown
        shown = text
        return isNew ? value : undefined
      }
      const first = await next()
      if (first) yield first
      for await (const _keys of changed) {
        const value = await next()
        if (value) yield value
      }
    },
    create: async ({ council }) => ({ council: accept(await councils.write(council, 'create')).council }),
    change: async ({ council }) => ({ council: accept(await councils.write(council, 'change')).council }),
    remove: async ({ council_id }) => {
      accept(await councils.remove(council_id))
      return {}
    },
  }
}
