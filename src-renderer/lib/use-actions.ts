import { useLayoutEffect, useState, useSyncExternalStore } from 'react'
import { actionForChord, chordFor, type Action, type ActionState, type Layer } from './actions.ts'
import { useConsole } from './console.tsx'
import { usePreferences } from './shared-streams.tsx'

/** Registers a page's or panel's actions while it is mounted. */
export function useActions(actions: readonly Action[], layer: Layer = 'page'): void {
  const { actions: registry } = useConsole()
  const [key] = useState(() => Symbol('actions'))
  useLayoutEffect(() => registry.register(key, actions, layer))
  useLayoutEffect(() => () => registry.unregister(key), [registry, key])
}

export function useActionState(): ActionState {
  const { actions } = useConsole()
  return useSyncExternalStore(actions.subscribe, actions.state)
}

/** One action as a button needs it; null while nobody offers it. */
export function useAction(id: string): { action: Action; chord: string | null; pending: boolean; run: () => void } | null {
  const registry = useConsole().actions
  const { actions, pending } = useActionState()
  const { preferences } = usePreferences()
  const action = actions.findLast((each) => each.id === id)
  if (!action) return null
  const chord = chordFor(action, preferences.shortcuts)
  // A page's action may have taken this chord from the frame's: then the button must not promise it.
  const taken = chord !== null && actionForChord(actions, preferences.shortcuts, chord)?.id !== id
  return { action, chord: taken ? null : chord, pending: pending.has(id), run: () => void registry.run(id) }
}
