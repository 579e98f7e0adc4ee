import * as z from 'zod'
import { command } from './commands.ts'
import { council, councilConfig, councilView } from './councils.ts'
import { modelReference } from './work.ts'

const councilId = council.shape.council_id

/** A served model by its engine and name, or by its name alone where only one engine serves it. */
const wantedModel = z.union([modelReference, z.string().trim().min(1).max(200)])

/**
 * A council as clients ask for it: its agents one by one, or how many there are to be (3). Without an id it gets one after its role. The
 * model (by either of its names) is that of every agent that names none.
 */
const createCouncil = z
  .strictObject({
    council_id: councilId.optional(),
    title: council.shape.title.optional(),
    role: council.shape.role,
    num_agents: z.int().min(1).max(15).optional(),
    agents: council.shape.agents.optional(),
    model: wantedModel.optional(),
    config: councilConfig.extend({ model_profile: wantedModel.optional() }).prefault({}),
  })
  .transform(({ config: { model_profile, ...config }, model, ...wanted }, context) => {
    const wrong = (path: string, message: string) => context.addIssue({ code: 'custom', path: [path], message })
    if (wanted.agents && wanted.num_agents !== undefined && wanted.num_agents !== wanted.agents.length)
      wrong('num_agents', `\`agents\` names ${wanted.agents.length} agents; leave \`num_agents\` out.`)
    if (model !== undefined && model_profile !== undefined)
      wrong('model', '`model` and `config.model_profile` are two names of one field: send one.')
    return { ...wanted, config, model: model ?? model_profile }
  })
export type CreateCouncil = z.output<typeof createCouncil>

/** A council with its state; `model` is the one that all its agents name, null where they differ or name none. */
const councilInfo = councilView.extend({ model: modelReference.nullable() })
export type CouncilInfo = z.infer<typeof councilInfo>

/** What can be asked of a plane about councils: `signalbox.cmd.council.<verb>`. */
export const councilCommands = {
  create: command({
    summary: 'Keep a council: who argues, and how',
    input: createCouncil,
    reply: councilInfo,
    remembered: true,
    errors: ['conflict'],
  }),
  list: command({
    summary: 'Every council with its state, by id',
    input: z.strictObject({}),
    reply: z.object({ councils: z.array(councilInfo) }),
    remembered: false,
    errors: [],
  }),
  delete: command({
    summary: 'Remove a council; runs that were launched with it keep their copy',
    input: z.strictObject({ council_id: z.string().min(1).max(60) }),
    reply: z.object({ council_id: z.string() }),
    remembered: true,
    errors: ['not-found'],
  }),
}
