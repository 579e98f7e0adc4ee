import { isTemplateKey, type EmbeddedPlane } from '../../../cluster/entries/embedded.ts'
import type { Handlers } from '../../../src-preload/contract/define.ts'
import type { consoleContract } from '../../../src-preload/contract/index.ts'
import { changes } from '../feeds/changes.ts'
import { accept } from './refusals.ts'

const INTERVAL_MS = 200
const ANY = ['any']

export function templateHandlers(plane: EmbeddedPlane): Handlers<typeof consoleContract>['template'] {
  const { templates } = plane.commands
  return {
    watch: async function* (_, signal) {
      const changed = changes(
        (onChanged) => plane.stateChanged((key) => isTemplateKey(key) && onChanged(ANY)),
        INTERVAL_MS,
        signal,
      )
      yield { templates: [...(await templates.list())] }
      for await (const _keys of changed) yield { templates: [...(await templates.list())] }
    },
    create: async ({ template }) => ({ template: accept(await templates.create(template)).template }),
    change: async (change) => ({ template: accept(await templates.change(change)).template }),
    hide: async ({ template_id, hidden }) => ({ template: accept(await templates.hide(template_id, hidden)).template }),
    remove: async ({ template_id }) => {
      accept(await templates.remove(template_id))
      return {}
    },
  }
}
