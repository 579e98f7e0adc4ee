import { describe, expect, test } from 'vitest'
import { collectResults } from './results.mjs'
import { summaryLines, tallyPlaywright, tallyVitest } from './tally.mjs'

const file = (status: string, ...statuses: string[]) => ({
  name: 'a.test.ts',
  status,
  assertionResults: statuses.map((each, index) => ({ fullName: `test ${index + 1}`, status: each })),
})

describe('The unit runner’s report', () => {
  test.each([
    ['counts what passed', [file('passed', 'passed', 'passed')], 0, { passed: 2, failed: 0, notes: [] }],
    [
      'counts and names what failed',
      [file('failed', 'passed', 'failed')],
      1,
      { passed: 1, failed: 1, notes: ['failed: a.test.ts: test 2'] },
    ],
    [
      'counts a skipped test as failed',
      [file('passed', 'passed', 'skipped')],
      0,
      { passed: 1, failed: 1, notes: ['did not run (skipped): a.test.ts: test 2'] },
    ],
    [
      'counts a file that cannot be loaded',
      [file('failed')],
      1,
      { passed: 0, failed: 1, notes: ['could not be run: a.test.ts'] },
    ],
    [
      'fails on an error outside any test',
      [file('passed', 'passed')],
      1,
      { passed: 1, failed: 1, notes: ['the runner ended with code 1'] },
    ],
    ['fails when nothing ran', [], 0, { passed: 0, failed: 1, notes: ['no test ran'] }],
  ])('%s', (_name, testResults, exitCode, tally) => {
    expect(tallyVitest({ testResults }, exitCode)).toEqual(tally)
  })

  test('that was never written is a failure', () => {
    expect(tallyVitest(undefined, 0)).toEqual({ passed: 0, failed: 1, notes: ['no test ran'] })
  })
})

describe('The journey runner’s report', () => {
  const suites = (...statuses: string[]) => [
    { suites: [{ specs: statuses.map((status) => ({ title: 'opens', tests: [{ projectName: 'electron', status }] })) }] },
  ]

  test.each([
    ['counts what passed', ['expected', 'expected'], 0, { passed: 2, failed: 0, notes: [] }],
    [
      'counts and names what failed',
      ['expected', 'unexpected'],
      1,
      { passed: 1, failed: 1, notes: ['failed: [electron] opens'] },
    ],
    [
      'counts a skipped journey as failed',
      ['expected', 'skipped'],
      0,
      { passed: 1, failed: 1, notes: ['did not run: [electron] opens'] },
    ],
    [
      'counts a flaky journey as failed',
      ['flaky'],
      0,
      { passed: 0, failed: 1, notes: ['passed only when repeated: [electron] opens'] },
    ],
    ['fails when nothing ran', [], 1, { passed: 0, failed: 1, notes: ['the runner ended with code 1'] }],
  ])('%s', (_name, statuses, exitCode, tally) => {
    expect(tallyPlaywright({ suites: suites(...statuses) }, exitCode)).toEqual(tally)
  })
})

describe('The end of a run', () => {
  test('repeats the lines in which the runners sum themselves up', () => {
    const unit =
      ' ✓ a.test.ts (2 tests) 3ms\n\n\u001b[2m Test Files \u001b[22m 1 passed (1)\n      Tests  2 passed (2)\n   Duration  1.2s\n'
    const journeys = '  ✓  1 [electron] › opens (1s)\n\n  1 failed\n    [chromium] › opens\n  3 passed (4.1s)\n'
    expect(summaryLines(unit + journeys)).toEqual([
      ' Test Files  1 passed (1)',
      '      Tests  2 passed (2)',
      '   Duration  1.2s',
      '  1 failed',
      '  3 passed (4.1s)',
    ])
  })

  test('is the sum over all steps, alone on the last line', async () => {
    let screen = ''
    const results = collectResults((text) => void (screen += text))
    await results.step('format', () => Promise.resolve({ passed: 1, failed: 0, output: 'not shown' }))
    await results.step('lint', () => Promise.resolve({ passed: 0, failed: 1, output: 'line 3: wrong' }))
    await results.step('unit tests', () => Promise.resolve({ passed: 40, failed: 2, lines: ['  Tests  42'] }))
    expect(results.finish()).toBe(1)
    expect(screen).toContain('line 3: wrong\n✗ lint')
    expect(screen).not.toContain('not shown')
    expect(screen.split('\n').slice(-6)).toEqual([
      '  Tests  42',
      'Failed: lint',
      'Failed: unit tests (2)',
      '',
      '41 passed, 3 failed',
      '',
    ])
  })
})
