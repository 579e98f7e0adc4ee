import type { templateCommands } from '../../messages/template-commands.ts'
import type { Templates } from '../library/templates.ts'
import { refused, type CommandHandlers } from './dispatch.ts'

/** The commands about templates over the templates of a plane. */
export function templateHandlers(templates: Templates): CommandHandlers<typeof templateCommands> {
  return {
    async create(value) {
      const created = await templates.create(value)
      return created.kind === 'refused' ? refused(created) : { ok: created.template }
    },
    async list() {
      return { ok: { templates: [...(await templates.list())] } }
    },
    async change(change) {
      const changed = await templates.change(change)
      return changed.kind === 'refused' ? refused(changed) : { ok: changed.template }
    },
    async fill({ template_id, values }) {
      const filled = await templates.fill(template_id, values)
      return filled.kind === 'refused' ? refused(filled) : { ok: { template_id, run: filled.run } }
    },
    async hide({ template_id, hidden }) {
      const done = await templates.hide(template_id, hidden)
      return done.kind === 'refused' ? refused(done) : { ok: done.template }
    },
    async delete({ template_id }) {
      const removed = await templates.remove(template_id)
      return removed.kind === 'refused' ? refused(removed) : { ok: { template_id } }
    },
  }
}
