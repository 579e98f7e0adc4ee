import { describe, expect, it } from 'vitest'
import type { LiveMessage, LiveUpdate } from '../shapes.ts'
import { createLiveTexts } from './live-texts.ts'

const key = '0.propose.agent-001'
const id = `run.${key}`
const base = { task_id: 'run', id }

const queued = (at = 0): LiveMessage => ({ kind: 'queued', ...base, at })
const started = (attempt = 1, at = 1000): LiveMessage => ({ kind: 'started', ...base, at, attempt })
const delta = (position: number, text: string, at = 2000): LiveMessage => ({ kind: 'delta', ...base, at, position, text })
const retrying = (at = 3000): LiveMessage => ({ kind: 'retrying', ...base, at, attempt: 1, error: 'HTTP 503', delay_ms: 2000 })
const changes = (...messages: LiveMessage[]): LiveUpdate => ({ type: 'changes', messages })
const snapshot = (text: string): LiveUpdate => ({
  type: 'snapshot',
  calls: [{ id, state: 'running', since: 1000, attempt: 1, error: null, text, first_text_at: 1500 }],
})

/** Live texts with a clock and frames that the test moves. */
function live() {
  let now = 0
  let frames: (() => void)[] = []
  const texts = createLiveTexts(
    'run',
    (flush) => frames.push(flush),
    () => now,
  )
  const seen: string[] = []
  let shown = ''
  const follow = () =>
    texts.followText(key, (text, reset) => {
      seen.push(reset ? `=${text}` : `+${text}`)
      shown = reset ? text : shown + text
    })
  return {
    ...texts,
    seen,
    follow,
    shown: () => shown,
    waiting: () => frames.length,
    frame: (ms = 16) => {
      now += ms
      const due = frames
      frames = []
      due.forEach((flush) => flush())
    },
  }
}

describe('text of a running call', () => {
  it('is handed on once a frame, whatever came in between', () => {
    const texts = live()
    texts.follow()
    texts.apply(changes(started(), delta(0, 'One ')))
    texts.apply(changes(delta(4, 'two '), delta(8, 'three')))
    expect(texts.seen).toEqual([])
    expect(texts.waiting()).toBe(1)
    texts.frame()
    expect(texts.seen).toEqual(['+One two three'])
    texts.apply(changes(delta(13, '.')))
    texts.frame()
    expect(texts.shown()).toBe('One two three.')
  })

  it('is asked for anew when a piece is missing', () => {
    const texts = live()
    texts.apply(changes(started(), delta(0, 'One ')))
    expect(texts.apply(changes(delta(9, 'three')))).toBe(false)
  })

  it('is not doubled by a piece that came before', () => {
    const texts = live()
    texts.follow()
    texts.apply(snapshot('One two'))
    expect(texts.apply(changes(delta(4, 'two three')))).toBe(true)
    texts.frame()
    expect(texts.shown()).toBe('One two three')
  })

  it('is the same after a reload as for a page that was there all along', () => {
    const before = live()
    before.follow()
    before.apply(changes(queued(), started(), delta(0, 'One '), delta(4, 'two')))
    before.frame()
    const after = live()
    after.follow()
    after.apply(snapshot('One two'))
    after.frame()
    expect(after.shown()).toBe(before.shown())
  })

  it('begins anew with a new try', () => {
    const texts = live()
    texts.follow()
    texts.apply(changes(started(), delta(0, 'Bad')))
    texts.frame()
    texts.apply(changes(retrying(), started(2, 5000), delta(0, 'Good')))
    texts.frame()
    expect(texts.seen).toEqual(['+Bad', '=Good'])
    expect(texts.view(key)).toMatchObject({ state: 'running', attempt: 2, length: 4 })
  })

  it('shows a late reader what the others have seen, then what follows', () => {
    const texts = live()
    texts.apply(changes(started(), delta(0, 'One ')))
    texts.frame()
    texts.apply(changes(delta(4, 'two')))
    expect(texts.text(key)).toBe('One ')
    texts.follow()
    texts.frame()
    expect(texts.seen).toEqual(['+two'])
  })

  it('is dropped when the finished text is there, and nothing brings it back', () => {
    const texts = live()
    texts.apply(changes(started(), delta(0, 'One')))
    texts.close(key)
    texts.apply(changes(delta(3, ' two')))
    texts.apply(snapshot('One two'))
    texts.frame()
    expect(texts.view(key)).toBeUndefined()
    expect(texts.text(key)).toBe('')
  })

  it('is forgotten when a snapshot no longer has it', () => {
    const texts = live()
    texts.apply(changes(started(), delta(0, 'One')))
    texts.apply({ type: 'snapshot', calls: [] })
    expect(texts.view(key)).toBeUndefined()
  })
})

describe('the view of a running call', () => {
  it('says at once that a try failed and when the next begins', () => {
    const texts = live()
    let told = 0
    texts.watchView(key, () => told++)
    texts.apply(changes(started()))
    texts.frame()
    texts.apply(changes(retrying(3000)))
    texts.frame()
    expect(told).toBe(2)
    expect(texts.view(key)).toMatchObject({ state: 'retrying', error: 'HTTP 503', retryAt: 5000, length: 0 })
  })

  it('renews its numbers at most four times a second', () => {
    const texts = live()
    let told = 0
    texts.watchView(key, () => told++)
    texts.apply(changes(started()))
    for (let position = 0; position < 60; position++) {
      texts.apply(changes(delta(position, 'x', 1000 + position * 16)))
      texts.frame()
    }
    expect(told).toBeGreaterThan(2)
    expect(told).toBeLessThanOrEqual(5)
  })

  it('measures characters a second from the first character on', () => {
    const texts = live()
    texts.apply(changes(started(), delta(0, 'x'.repeat(100), 1000)))
    texts.frame(300)
    expect(texts.view(key)?.charactersPerSecond).toBeNull()
    texts.apply(changes(delta(100, 'x'.repeat(100), 2000)))
    texts.frame(300)
    expect(texts.view(key)?.charactersPerSecond).toBe(200)
  })
})
