import * as z from 'zod'
import { decideSubmit } from '../../../domain/batch/decide.ts'
import type { BatchSpec, StoredFile, SubmittedBatch } from '../../../messages/batch.ts'
import type { Clock } from '../../../ports/clock.ts'
import type { SmallState } from '../../../ports/small-state.ts'
import { canonical } from '../../canonical.ts'
import { refuse, type Refusal } from '../../refusal.ts'
import type { InputUses } from '../files/input-uses.ts'
import { missingBatch, type BatchStates } from '../states.ts'

export interface SubmitPorts {
  readonly state: SmallState
  readonly states: BatchStates
  readonly uses: Pick<InputUses, 'add'>
  readonly clock: Clock
  readonly newId: () => string
  readonly maxQueued: number
  /** Why no batch is taken in now, where none is. */
  readonly refusesNew: () => Refusal | undefined
  /** Ids on their way in, so that many submits at once cannot pass the bound together. */
  readonly entering: Set<string>
}

export type Accepted = { readonly kind: 'accepted'; readonly batchId: string }

const RETRY_AFTER_MS = 30_000
const HOUR_MS = 3_600_000
/** `background`: the longest window there is. */
const BACKGROUND_HOURS = 168

/** Key of the index of batches in motion: what start-up looks through. */
export const activeBatchKey = (batchId: string): string => `batch.active.${batchId}`
const COMMANDS = 'batch.command.'
const command = z.object({ batch_id: z.string(), input: z.string(), at: z.int() })

/** Command ids are remembered for a day: far longer than any client repeats one. */
const COMMAND_MEMORY_MS = 86_400_000

/** Stores a batch once per `commandId`: repeated with the same file and settings it gets the first answer, with others it is refused. */
export async function submit(
  ports: SubmitPorts,
  commandId: string,
  actor: string,
  tenant: string,
  input: SubmittedBatch,
  file: StoredFile,
  retryOf: string | null,
): Promise<Accepted | Refusal> {
  const hours = windowHours(input.completion_window)
  if (hours === undefined)
    return refuse('invalid-input', 'A window is 1h to 168h, or background.', { field: 'completion_window' })
  const start = input.settings.not_before
  if (start !== undefined && start >= ports.clock.now() + hours * HOUR_MS)
    return refuse('invalid-input', 'It must start before its deadline.', { field: 'settings.not_before' })
  const claim = await claimId(ports, commandId, { ...input, input_file_id: file.content.sha256 })
  if (claim === undefined)
    return refuse('conflict', `The command id ${commandId} was used for another batch already. Give each batch its own.`)
  const earlier = await ports.states.load(claim)
  if (earlier.kind === 'batch') return { kind: 'accepted', batchId: claim }
  if (earlier.kind === 'expired') return missingBatch(claim, 'expired')
  if (ports.states.active().length + ports.entering.size >= ports.maxQueued)
    return refuse('overloaded', `${ports.maxQueued} batches wait or run already. Wait for one to end, or cancel one.`, {
      retryAfterMs: RETRY_AFTER_MS,
    })
  const refusal = ports.refusesNew()
  if (refusal) return refusal
  ports.entering.add(claim)
  try {
    const spec = specOf(claim, input, file, hours * HOUR_MS, ports.clock.now(), tenant, retryOf)
    await ports.state.put(activeBatchKey(claim), spec.deadline, 'any')
    await ports.uses.add(file.id, claim)
    await ports.states.create(claim, actor, decideSubmit(spec))
    return { kind: 'accepted', batchId: claim }
  } finally {
    ports.entering.delete(claim)
  }
}

export async function forgetOldBatchCommands({ state, clock }: Pick<SubmitPorts, 'state' | 'clock'>): Promise<void> {
  for (const { key, value } of await state.list(COMMANDS)) {
    const found = command.safeParse(value)
    if (!found.success || clock.now() - found.data.at > COMMAND_MEMORY_MS) await state.remove(key)
  }
}

/** The batch that a command made or is about to make; undefined for a command nobody sent in the last day. */
export async function batchOfCommand(state: SmallState, commandId: string): Promise<string | undefined> {
  return command.safeParse((await state.get(COMMANDS + commandId))?.value).data?.batch_id
}

/** The batch id of a command; undefined where the command had another input. */
async function claimId(
  { state, clock, newId }: SubmitPorts,
  commandId: string,
  input: SubmittedBatch,
): Promise<string | undefined> {
  const key = COMMANDS + commandId
  const fresh = { batch_id: `batch_${newId()}`, input: canonical(input), at: clock.now() }
  const claimed = await state.put(key, fresh, 0)
  if (claimed.kind === 'stored') return fresh.batch_id
  const taken = command.parse((await state.get(key))?.value)
  return taken.input === fresh.input ? taken.batch_id : undefined
}

function specOf(
  batch_id: string,
  input: SubmittedBatch,
  file: StoredFile,
  window_ms: number,
  now: number,
  tenant: string,
  retry_of: string | null,
): BatchSpec {
  const { output_expires_after: kept } = input
  return {
    batch_id,
    name: input.name ?? file.filename,
    input_file_id: file.id,
    input: file.content,
    endpoint: input.endpoint,
    completion_window: input.completion_window,
    window_ms,
    deadline: now + window_ms,
    metadata: input.metadata,
    output_expires_at: kept ? now + kept.seconds * 1000 : null,
    engine_id: input.engine_id ?? null,
    settings: input.settings,
    retry_of,
    tenant,
  }
}

function windowHours(window: string): number | undefined {
  if (window === 'background') return BACKGROUND_HOURS
  const hours = Number(window.slice(0, -1))
  return hours >= 1 && hours <= BACKGROUND_HOURS ? hours : undefined
}
