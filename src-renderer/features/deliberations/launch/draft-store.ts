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
const RERUN_KEY = 'signalbox.rerun-draft'

/** The launch form's content; with `rerun` that of a run to repeat, beside the other, so that neither is lost. Every change is kept in the browser, so that a visit elsewhere or a restart loses nothing. */
export function createDraftStore(
  storage: Pick<Storage, 'getItem' | 'setItem'>,
  now: () => number = Date.now,
  rerun: Draft | null = null,
): StoreApi<DraftState> {
  const key = rerun === null ? KEY : RERUN_KEY
  return createStore<DraftState>((set, get) => {
    const store = (draft: Draft): boolean => {
      try {
        storage.setItem(key, JSON.stringify(draft))
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
      draft: rerun === null ? (readDraft(storage, KEY) ?? emptyDraft) : keptRerun(storage, rerun),
      savedAt: null,
      change: (patch) => keep({ ...get().draft, ...patch }),
      replace: keep,
    }
  })
}

/** What was changed so far, if it is the same run that is repeated. */
function keptRerun(storage: Pick<Storage, 'getItem'>, rerun: Draft): Draft {
  const kept = readDraft(storage, RERUN_KEY)
  return kept?.carried && kept.carried.rerun_of === rerun.carried?.rerun_of ? kept : rerun
}

function readDraft(storage: Pick<Storage, 'getItem'>, key: string): Draft | null {
  try {
    const parsed = draftSchema.safeParse(JSON.parse(storage.getItem(key) ?? 'null'))
    return parsed.success ? parsed.data : null
  } catch {
    return null
  }
}
