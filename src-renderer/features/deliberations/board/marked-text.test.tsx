import { cleanup, render } from '@testing-library/react'
import { afterEach, describe, expect, it } from 'vitest'
import { MarkedText } from './marked-text.tsx'
import { placeQuotes } from './quotes.ts'
import { problem } from './test-board.ts'

afterEach(cleanup)

const show = (text: string) => render(<MarkedText text={text} />).container

describe('a model’s text', () => {
  it.each([
    ['a script', 'Before <script>window.stolen = 1</script> after'],
    ['a script in a block', '<script>\nwindow.stolen = 1\n</script>'],
    ['a picture that runs on error', 'See <img src=x onerror="window.stolen = 1">'],
    ['a frame', '<iframe src="javascript:window.stolen=1"></iframe>'],
    ['a link with a handler', '<a href="javascript:alert(1)" onclick="alert(1)">press</a>'],
    ['a drawing with a handler', '<svg onload=alert(1)><circle/></svg>'],
    ['a style', '<style>body { display: none }</style>'],
    ['a form', '<form action="https://evil.example"><input name=key></form>'],
  ])('shows %s as text', (_, text) => {
    const shown = show(text)
    expect(shown.querySelector('script, img, iframe, a, svg, style, form, input, [onerror], [onclick], [onload]')).toBeNull()
    expect(shown.textContent).toContain(text.split('\n')[0]?.split(' ')[0])
    expect(shown.textContent).toMatch(/<\w+/)
    expect('stolen' in window).toBe(false)
  })

  it.each([
    ['javascript:', '[press me](javascript:alert(1))', 'press me (javascript:alert(1))'],
    ['data:', '[press me](data:text/html,hello)', 'press me (data:text/html,hello)'],
    ['an ordinary address', '[the docs](https://example.com/a)', 'the docs (https://example.com/a)'],
    ['an automatic link', '<https://example.com/a>', 'https://example.com/a'],
    ['a bare address', 'see https://example.com/a', 'see https://example.com/a'],
  ])('shows a link to %s as its words and its address', (_, text, words) => {
    const shown = show(text)
    expect(shown.querySelector('a, [href]')).toBeNull()
    expect(shown.textContent).toBe(words)
  })

  it('loads no picture', () => {
    const shown = show('![a chart](https://evil.example/track.png)')
    expect(shown.querySelector('img, [src]')).toBeNull()
    expect(shown.textContent).toBe('picture not loaded: a chart (https://evil.example/track.png)')
  })

  it('shows tables, struck words and task lists as such', () => {
    const shown = show('| a | b |\n|---|--:|\n| 1 | ~~2~~ |\n\n- [x] built\n- [ ] tried')
    expect([...shown.querySelectorAll('th, td')].map((cell) => cell.textContent)).toEqual(['a', 'b', '1', '2'])
    expect(shown.querySelector('del')?.textContent).toBe('2')
    expect([...shown.querySelectorAll('li')].map((item) => item.textContent)).toEqual(['☑ built', '☐ tried'])
    expect(shown.querySelector('input')).toBeNull()
  })

  it('lets each block run in its own direction, and code from left to right', () => {
    const shown = show('# مرحبا\n\nمرحبا Go\n\n- one\n\n```\nx\n```')
    expect([...shown.querySelectorAll('[dir]')].map((each) => each.getAttribute('dir'))).toEqual(['auto', 'auto', 'auto', 'ltr'])
  })

  it('adds no heading to the page’s own', () => {
    const shown = show('# Big\n\n## Smaller\n\ntext')
    expect(shown.querySelector('h1, h2, h3')).toBeNull()
    expect(shown.textContent).toBe('Big\nSmaller\ntext')
  })
})

describe('a critic’s quotes in a text', () => {
  const mark = (text: string, ...quotes: string[]) => {
    const problems = quotes.map((quote, at) => problem(`P${at + 1}`, quote, text.indexOf(quote)))
    const { container } = render(<MarkedText text={text} quotes={placeQuotes(text, problems, [], true)} />)
    return {
      quoted: [...container.querySelectorAll('mark')].map((each) => each.textContent),
      marks: [...container.querySelectorAll('.problem-mark')].map((each) => each.textContent),
      text: container.textContent,
    }
  }

  it('are underlined and followed by the problem’s mark', () => {
    expect(mark('Retry all 5xx. Then give up.', 'all 5xx')).toEqual({
      quoted: ['all 5xx'],
      marks: ['P1'],
      text: 'Retry all 5xxP1. Then give up.',
    })
  })

  it('run on through emphasis and code, with one mark at the end', () => {
    expect(mark('Send **only once** by `key` now', 'Send **only once** by `key`')).toMatchObject({
      quoted: ['Send ', 'only once', ' by ', 'key'],
      marks: ['P1'],
    })
  })

  it('are found in lists and quotations, whose indentation is not rendered', () => {
    const text = '- one\n- two begins\n  and goes on\n\n> quoted\n> line'
    expect(mark(text, 'two begins\n  and goes on', 'quoted\n> line')).toMatchObject({
      quoted: ['two begins\nand goes on', 'quoted\nline'],
      marks: ['P1', 'P2'],
    })
  })

  it('of a code block put their mark behind it', () => {
    expect(mark('```yaml\nattempts: 10\n```', 'attempts: 10')).toMatchObject({ marks: ['P1'] })
  })

  it('that hold HTML stay text', () => {
    const text = 'Use <b>bold</b> here'
    expect(mark(text, '<b>bold</b>').text).toContain('<b>bold</b>')
  })
})
