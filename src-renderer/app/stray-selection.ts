import { useEffect } from 'react'

/** Whoever opens a row with a double click has gone to its page with the first: the second must not mark the text it falls on there. */
export function useNoStraySelection(): void {
  useEffect(() => {
    let pressed: EventTarget | null = null
    const onPress = (event: MouseEvent) => {
      const isGone = pressed instanceof Node && !pressed.isConnected
      if (event.detail > 1 && isGone) event.preventDefault()
      else pressed = event.target
    }
    window.addEventListener('mousedown', onPress, { capture: true })
    return () => window.removeEventListener('mousedown', onPress, { capture: true })
  }, [])
}
