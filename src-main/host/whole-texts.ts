import type { EmbeddedPlane } from '../../cluster/entries/embedded.ts'
import type { DeliberationBoard } from '../../cluster/messages/deliberation-views.ts'
import { ConsoleError } from '../../src-preload/contract/errors.ts'

type Texts = Pick<EmbeddedPlane['commands'], 'text'>

/** The board with every text in full: those too large for it are read from where they are kept. */
export async function withWholeTexts(board: DeliberationBoard, texts: Texts): Promise<DeliberationBoard> {
  const taskId = board.row.task_id
  const whole = async <T extends string | null>(
    text: T,
    reference: { readonly sha256: string } | undefined,
  ): Promise<T | string> => (reference ? await readWhole(texts, taskId, reference.sha256) : text)
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
  return { ...board, versions, calls }
}

async function readWhole(texts: Texts, taskId: string, sha256: string): Promise<string> {
  let all = ''
  for (let offset: number | null = 0; offset !== null;) {
    const page = await texts.text(taskId, sha256, offset)
    if (!page)
      throw new ConsoleError('unavailable', `Run ${taskId} has lost a text (SHA-256 ${sha256}); it cannot be exported whole.`)
    all += page.text
    offset = page.next
  }
  return all
}
