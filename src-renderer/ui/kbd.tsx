import './kbd.css'
import { chordLabel } from '../lib/chords.ts'

/** A key chord such as `mod+k`, written as this machine's keyboard has it. */
export function Kbd({ chord }: { chord: string }) {
  return <kbd>{chordLabel(chord)}</kbd>
}
