import { useEffect } from 'react'

/** Whoever opens a row with a double click has gone to its page with the first: the second must not mark the text it falls on there. */
export function useNoStraySelection(): void {
  useEffect(() => {
    let pressedOn = ''
    const onPress = (event: MouseEvent) => {
      if (event.detail > 1 && window.location.href !== pressedOn) event.preventDefault()
      else pressedOn = window.location.href
    }
    window.addEventListener('mousedown', onPress, { capture: true })
    return () => window.removeEventListener('mousedown', onPress, { capture: true })
  }, [])
}
