import type { DeliberationBoard } from '../../messages/deliberation-views.ts'
import type { ControlPlane } from '../control-plane.ts'
import { refuse, type Refusal } from '../refusal.ts'

type Texts = Pick<ControlPlane, 'text'>
type Reference = { readonly sha256: string } | undefined

/** The board with every text in full: those too large for it are read from where they are kept. */
export async function withWholeTexts(
  board: DeliberationBoard,
  texts: Texts,
): Promise<{ readonly kind: 'whole'; readonly board: DeliberationBoard } | Refusal> {
  const taskId = board.row.task_id
  const lost: string[] = []
  const whole = async <T extends string | null>(text: T, reference: Reference): Promise<T | string> => {
    if (!reference) return text
    const found = await readWhole(texts, taskId, reference.sha256)
    if (found === undefined) lost.push(reference.sha256)
    return found ?? text
  }
  const versions = await Promise.all(
    board.versions.map(async ({ content_ref, ...version }) => ({
      ...version,
      content: await whole(version.content, content_ref),
    })),
  )
  const calls = await Promise.all(
    board.calls.map(async ({ raw_ref, reasoning_ref, ...call }) => ({
      ...call,
      raw: await whole(call.raw, raw_ref),
      reasoning: await whole(call.reasoning, reasoning_ref),
    })),
  )
  if (lost.length > 0)
    return refuse('unavailable', `Run ${taskId} has lost a text (SHA-256 ${lost.join(', ')}); it cannot be exported whole.`)
  return { kind: 'whole', board: { ...board, versions, calls } }
}

async function readWhole(texts: Texts, taskId: string, sha256: string): Promise<string | undefined> {
  let all = ''
  for (let offset: number | null = 0; offset !== null;) {
    const page = await texts.text(taskId, sha256, offset)
    if (!page) return undefined
    all += page.text
    offset = page.next
  }
  return all
}
