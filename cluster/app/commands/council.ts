import type { CouncilInfo, councilCommands } from '../../messages/council-commands.ts'
import type { CouncilView } from '../../messages/councils.ts'
import type { Councils } from '../library/councils.ts'
import { refused, type CommandHandlers } from './dispatch.ts'

/** The commands about councils over the councils of a plane. */
export function councilHandlers(councils: Councils): CommandHandlers<typeof councilCommands> {
  return {
    async create(wanted, { commandId }) {
      const created = await councils.create(commandId, wanted)
      if (created.kind === 'refused') return refused(created)
      return { ok: infoOf(await councils.view(created.council)) }
    },

    async list() {
      return { ok: { councils: (await councils.list()).map(infoOf) } }
    },

    async delete({ council_id }) {
      const removed = await councils.remove(council_id)
      return removed.kind === 'refused' ? refused(removed) : { ok: { council_id } }
    },
  }
}

function infoOf(view: CouncilView): CouncilInfo {
  const [first, ...others] = view.agents.map(({ model }) => model)
  const isOne =
    first !== undefined && others.every((model) => model?.engine_id === first.engine_id && model.model === first.model)
  return { ...view, model: isOne ? first : null }
}
