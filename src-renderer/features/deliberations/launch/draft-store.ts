import { createStore, type StoreApi } from 'zustand/vanilla'
import { draftSchema, emptyDraft, type Draft } from './draft.ts'

export interface DraftState {
  readonly draft: Draft
  /** When it was last kept; null while nothing was written. */
  readonly savedAt: number | null
  readonly change: (patch: Partial<Draft>) => void
  readonly replace: (draft: Draft) => void
}

const KEY = 'signalbox.launch-draft'

/** The launch form's content. Every change is kept in the browser, so that a visit elsewhere or a restart loses nothing. */
export function createDraftStore(
  storage: Pick<Storage, 'getItem' | 'setItem'>,
  now: () => number = Date.now,
): StoreApi<DraftState> {
  return createStore<DraftState>((set, get) => {
    const store = (draft: Draft): boolean => {
      try {
        storage.setItem(KEY, JSON.stringify(draft))
        return true
      } catch {
        // Storage is full or forbidden: the form works on, and says nothing of being saved.
        return false
      }
    }
    const keep = (draft: Draft): void => {
      set({ draft, savedAt: store(draft) ? now() : null })
    }
    return {
      draft: readDraft(storage),
      savedAt: null,
      change: (patch) => keep({ ...get().draft, ...patch }),
      replace: keep,
    }
  })
}

function readDraft(storage: Pick<Storage, 'getItem'>): Draft {
  try {
    const parsed = draftSchema.safeParse(JSON.parse(storage.getItem(KEY) ?? 'null'))
    return parsed.success ? parsed.data : emptyDraft
  } catch {
    return emptyDraft
  }
}
