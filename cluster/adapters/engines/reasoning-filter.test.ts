import { describe, expect, it } from 'vitest'
import { createReasoningFilter } from './reasoning-filter.ts'

function read(pieces: string[], thinking = false) {
  const filter = createReasoningFilter(thinking)
  const streamed = pieces.map((piece) => filter.push(piece)).join('')
  const { rest, text, reasoning } = filter.end()
  return { streamed: streamed + rest, text, reasoning }
}

describe('Reasoning is cut out of an answer', () => {
  it.each([
    ['nothing, where there is none', ['Hello', ' there'], 'Hello there', null],
    ['a block before the answer', ['<think>Hm.</think>\n\nHello'], 'Hello', 'Hm.'],
    ['a block in the middle', ['One <think>two</think>three'], 'One three', 'two'],
    ['several blocks', ['<think>a</think>1<think>b</think>2'], '12', 'ab'],
    ['a block that never ends', ['Yes <think>but'], 'Yes ', 'but'],
    ['tags that arrive letter by letter', Array.from('<think>Hm.</think>Hello'), 'Hello', 'Hm.'],
    ['what only looks like a tag', ['a <thin', 'g> and <', 'b>'], 'a <thing> and <b>', null],
  ])('%s', (_what, pieces, text, reasoning) => {
    expect(read(pieces)).toEqual({ streamed: text, text, reasoning })
  })

  it('that began in the prompt', () => {
    expect(read(['Hm.', '</think>', 'Hello'], true)).toEqual({ streamed: 'Hello', text: 'Hello', reasoning: 'Hm.' })
  })

  it('that a server began in its prompt unseen, once its end shows', () => {
    expect(read(['Hm.</think>Hello'])).toMatchObject({ text: 'Hello', reasoning: 'Hm.' })
  })
})
