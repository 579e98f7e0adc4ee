import * as z from 'zod'
import { command } from './commands.ts'
import { template, templateChange, templateRun, templateView } from './templates.ts'

const byId = z.strictObject({ template_id: z.string().min(1).max(60) })

/** What can be asked of a plane about templates: `signalbox.cmd.template.<verb>`. */
export const templateCommands = {
  create: command({
    summary: 'Keep what a run is launched with under a name',
    input: template,
    reply: templateView,
    remembered: true,
    errors: ['conflict'],
  }),
  list: command({
    summary: 'Every template: shipped ones, then the operator’s; hidden ones are marked',
    input: z.strictObject({}),
    reply: z.object({ templates: z.array(templateView) }),
    remembered: false,
    errors: [],
  }),
  change: command({
    summary: 'Rename a template, or replace what it launches; a shipped one is refused',
    input: templateChange,
    reply: templateView,
    remembered: true,
    errors: ['not-found', 'conflict'],
  }),
  fill: command({
    summary: 'What a template launches, with its placeholders filled: a submit; nothing is started',
    input: byId.extend({
      /** By the name in the braces; one for each placeholder, and no others. */
      values: z.record(z.string().min(1).max(60), z.string().max(100_000)).default({}),
    }),
    reply: z.object({
      template_id: z.string(),
      /** To be sent as a submit. Where the template has no task it is empty, and a task must be put in. */
      run: templateRun,
    }),
    remembered: false,
    errors: ['not-found'],
  }),
  hide: command({
    summary: 'Hide a template from the launch form, or show it again',
    input: byId.extend({ hidden: z.boolean().default(true) }),
    reply: templateView,
    remembered: true,
    errors: ['not-found'],
  }),
  delete: command({
    summary: 'Remove a template; a shipped one is refused, hide it instead',
    input: byId,
    reply: z.object({ template_id: z.string() }),
    remembered: true,
    errors: ['not-found', 'conflict'],
  }),
}
