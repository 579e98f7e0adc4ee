import { useEffect } from 'react'
import { actionForChord } from '../lib/actions.ts'
import { chordOf, typesText } from '../lib/chords.ts'
import { useConsole } from '../lib/console.tsx'
import { usePreferences } from '../lib/shared-streams.tsx'
import { notify } from '../ui/notify.tsx'

/** Runs the action whose chord was pressed. Fields keep the keys that write; an open dialog or menu keeps all. */
export function useShortcuts(): void {
  const { actions } = useConsole()
  const overrides = usePreferences().preferences.shortcuts
  useEffect(() => {
    // A dialog that Esc has just closed is gone by the time the key gets here: what counts is how things stood when it was pressed.
    let wasFloating = false
    const onPress = () => (wasFloating = isFloatingOpen())
    const onKey = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.isComposing || event.repeat) return
      const chord = chordOf(event)
      if (chord === null || wasFloating) return
      const field = editableOf(event.target)
      if (field !== null && chord === 'esc') field.blur()
      if (field !== null && (chord === 'esc' || typesText(chord))) return
      const action = actionForChord(actions.state().actions, overrides, chord)
      if (action === undefined) return
      event.preventDefault()
      if (action.available === true) void actions.run(action.id)
      else
        notify({ id: `unavailable:${action.id}`, tone: 'info', title: `Not now: ${action.title}`, body: action.available.reason })
    }
    window.addEventListener('keydown', onPress, { capture: true })
    window.addEventListener('keydown', onKey)
    return () => {
      window.removeEventListener('keydown', onPress, { capture: true })
      window.removeEventListener('keydown', onKey)
    }
  }, [actions, overrides])
}

function editableOf(target: EventTarget | null): HTMLElement | null {
  if (!(target instanceof HTMLElement)) return null
  const isField = target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName)
  const isChoice = target instanceof HTMLInputElement && /^(radio|checkbox|button|submit)$/.test(target.type)
  return isField && !isChoice ? target : null
}

/** A closed choice keeps its list in the page, hidden; what counts is whether it is expanded. */
function isFloatingOpen(): boolean {
  return document.querySelector('[role="dialog"], [role="menu"], [aria-haspopup="listbox"][aria-expanded="true"]') !== null
}
