export type NeedAction =
  | { readonly kind: 'open'; readonly to: string; readonly words: string }
  | { readonly kind: 'download'; readonly modelId: string; readonly words: string }

/** One row of "Needs you": what, why, how much, and the one thing to do. */
export interface Need {
  readonly id: string
  readonly tone: 'bad' | 'warn' | 'info'
  readonly word: string
  readonly title: string
  readonly tag: string
  readonly detail: string
  readonly figure: string
  readonly figureNote: string
  readonly action: NeedAction | null
  /** The run to dismiss, where nothing has to be done about it. */
  readonly dismiss?: string | undefined
}

/** How urgent a need is, in one word. */
export const severityWords = { bad: 'Blocked', warn: 'Look', info: 'Note' } as const
