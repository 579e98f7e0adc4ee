/** Key chords as text: `mod+k`, `shift+delete`, `?`, `alt+1`. `mod` is Ctrl, or ⌘ on a Mac. */

interface Keys {
  readonly key: string
  readonly code?: string
  readonly ctrlKey: boolean
  readonly metaKey: boolean
  readonly altKey: boolean
  readonly shiftKey: boolean
}

const modifiers = new Set(['Control', 'Meta', 'Alt', 'Shift', 'AltGraph', 'Dead', 'Process', 'Unidentified'])
const names: Readonly<Record<string, string>> = {
  ' ': 'space',
  escape: 'esc',
  arrowup: 'up',
  arrowdown: 'down',
  arrowleft: 'left',
  arrowright: 'right',
}

function isMac(): boolean {
  return typeof navigator !== 'undefined' && /Mac|iPhone|iPad/.test(navigator.userAgent)
}

/** What was pressed; null while only modifiers are down. */
export function chordOf(event: Keys, mac = isMac()): string | null {
  if (modifiers.has(event.key)) return null
  const lower = event.key.toLowerCase()
  // Alt with a digit types a sign on some keyboards; the key itself is what is meant.
  const digit = event.altKey ? /^Digit(\d)$/.exec(event.code ?? '')?.[1] : undefined
  const key = digit ?? names[lower] ?? lower
  const mod = mac ? event.metaKey : event.ctrlKey
  const other = mac ? event.ctrlKey : event.metaKey
  // For `?`, `[` and the like, Shift or AltGr is how some layouts reach the character, so it is not part of the chord.
  const isCharacter = event.key.length === 1
  const isLetterOrDigit = /^[a-z0-9]$/.test(key)
  const countsShift = event.shiftKey && (!isCharacter || isLetterOrDigit)
  const typedWithAltGr = isCharacter && !isLetterOrDigit && event.ctrlKey && event.altKey
  const parts = [
    mod && !typedWithAltGr ? 'mod' : '',
    other && !typedWithAltGr ? (mac ? 'ctrl' : 'meta') : '',
    event.altKey && !typedWithAltGr ? 'alt' : '',
    countsShift ? 'shift' : '',
    key,
  ]
  return parts.filter(Boolean).join('+')
}

/** Whether a chord types a character: it must then not fire while someone writes in a field. */
export function typesText(chord: string): boolean {
  return !chord.includes('mod+') && !chord.includes('alt+') && !chord.includes('ctrl+') && !chord.includes('meta+')
}

const labels: Readonly<Record<string, string>> = {
  alt: 'Alt',
  shift: 'Shift',
  ctrl: 'Ctrl',
  meta: 'Meta',
  enter: 'Enter',
  esc: 'Esc',
  space: 'Space',
  up: '↑',
  down: '↓',
  left: '←',
  right: '→',
  delete: 'Del',
  backspace: 'Backspace',
  tab: 'Tab',
}

/** `Ctrl K`, on a Mac `⌘ K`. */
export function chordLabel(chord: string, mac = isMac()): string {
  const parts = chord === '+' ? ['+'] : chord.split(/\+(?!$)/)
  return parts
    .map((part) => {
      if (part === 'mod') return mac ? '⌘' : 'Ctrl'
      if (part === 'alt' && mac) return '⌥'
      return labels[part] ?? (part.length === 1 ? part.toUpperCase() : part)
    })
    .join(' ')
}

/** The chord as `aria-keyshortcuts` wants it: `Control+K`. */
export function ariaChord(chord: string, mac = isMac()): string {
  const parts = chord === '+' ? ['plus'] : chord.split(/\+(?!$)/)
  return parts
    .map((part) => (part === 'mod' ? (mac ? 'Meta' : 'Control') : part.charAt(0).toUpperCase() + part.slice(1)))
    .join('+')
}
