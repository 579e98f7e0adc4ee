import { describe, expect, it } from 'vitest'
import { chordLabel, chordOf, typesText } from './chords.ts'

const none = { ctrlKey: false, metaKey: false, altKey: false, shiftKey: false }
const ctrl = { ...none, ctrlKey: true }
const shift = { ...none, shiftKey: true }

describe('key chords', () => {
  it.each([
    [{ ...none, key: 'n' }, 'n'],
    [{ ...ctrl, key: 'k' }, 'mod+k'],
    [{ ...ctrl, key: 'Enter' }, 'mod+enter'],
    [{ ...shift, key: 'T' }, 'shift+t'],
    [{ ...shift, key: 'Delete' }, 'shift+delete'],
    [{ ...none, key: 'Escape' }, 'esc'],
    [{ ...none, key: ' ' }, 'space'],
  ])('%o is the chord %s', (keys, chord) => expect(chordOf(keys, false)).toBe(chord))

  it.each([
    ['Shift reaches it', { ...shift, key: '?' }, '?'],
    ['AltGr reaches it', { ...ctrl, altKey: true, key: '[' }, '['],
  ])('a sign is the same chord however the layout reaches it: %s', (_, keys, chord) => expect(chordOf(keys, false)).toBe(chord))

  it('Alt with a digit means the digit, whatever sign the layout types', () => {
    expect(chordOf({ ...none, altKey: true, key: '¡', code: 'Digit1' }, true)).toBe('alt+1')
  })

  it('modifiers alone are no chord', () => expect(chordOf({ ...ctrl, key: 'Control' }, false)).toBeNull())

  it('mod is the command key on a Mac and Control elsewhere', () => {
    const command = { ...none, metaKey: true, key: 'k' }
    expect([chordOf(command, true), chordOf(command, false), chordOf({ ...ctrl, key: 'k' }, true)]).toEqual([
      'mod+k',
      'meta+k',
      'ctrl+k',
    ])
    expect([chordLabel('mod+k', true), chordLabel('mod+k', false)]).toEqual(['⌘ K', 'Ctrl K'])
  })

  it('chords that write a character stay with the field someone writes in', () => {
    expect(['n', 'shift+t', '?', 'mod+k', 'alt+1'].map(typesText)).toEqual([true, true, true, false, false])
  })
})
