import { useLayoutEffect, useState } from 'react'

const KEY = 'signalbox.inspector-width'

/** The width the operator gave the inspector, in pixels; null while it has the default. Kept by this browser. */
export function useInspectorWidth(): [number | null, (width: number) => void] {
  const [width, setWidth] = useState(readWidth)
  // On the document, because messages that float over the page keep clear of the inspector.
  useLayoutEffect(() => {
    if (width !== null) document.documentElement.style.setProperty('--inspector-w', `${width}px`)
    return () => void document.documentElement.style.removeProperty('--inspector-w')
  }, [width])
  const keep = (next: number) => {
    setWidth(next)
    try {
      localStorage.setItem(KEY, String(next))
    } catch {
      // Storage is forbidden: the width then lasts as long as the page.
    }
  }
  return [width, keep]
}

function readWidth(): number | null {
  try {
    const stored = Number(localStorage.getItem(KEY))
    return stored >= 300 && stored <= 720 ? stored : null
  } catch {
    return null
  }
}
