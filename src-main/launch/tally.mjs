import path from 'node:path'

/**
 * What a runner's report counts to. A test that did not run has not passed: skipped ones count as failed.
 * @typedef {{ passed: number, failed: number, notes: string[] }} Tally
 */

/**
 * @typedef {{ fullName: string, status: string }} VitestAssertion
 * @typedef {{ name: string, status: string, assertionResults: VitestAssertion[] }} VitestFile
 * @param {{ testResults: VitestFile[] } | undefined} report @param {number} exitCode @returns {Tally}
 */
export function tallyVitest(report, exitCode) {
  const files = report?.testResults ?? []
  const tests = files.flatMap((file) => file.assertionResults)
  const failed = named(files, (status) => status === 'failed')
  const skipped = named(files, (status) => !['passed', 'failed'].includes(status))
  const unread = files.filter(
    (file) => file.status === 'failed' && file.assertionResults.every((test) => test.status === 'passed'),
  )
  return settle(
    {
      passed: tests.filter((test) => test.status === 'passed').length,
      failed: failed.length + skipped.length + unread.length,
      notes: [
        ...failed.map(({ name }) => `failed: ${name}`),
        ...skipped.map(({ name, status }) => `did not run (${status}): ${name}`),
        ...unread.map((file) => `could not be run: ${file.name}`),
      ],
    },
    exitCode,
  )
}

/** The tests of a status that is wanted, named by file and title, so that the end of a log says which they are. @param {VitestFile[]} files @param {(status: string) => boolean} wanted */
function named(files, wanted) {
  return files.flatMap((file) =>
    file.assertionResults
      .filter((test) => wanted(test.status))
      .map((test) => ({ name: `${path.relative('', file.name)}: ${test.fullName}`, status: test.status })),
  )
}

/**
 * @typedef {{ title: string, tests: { projectName: string, status: string }[] }} PlaywrightSpec
 * @typedef {{ specs?: PlaywrightSpec[], suites?: PlaywrightSuite[] }} PlaywrightSuite
 * @param {{ suites: PlaywrightSuite[] } | undefined} report @param {number} exitCode @returns {Tally}
 */
export function tallyPlaywright(report, exitCode) {
  const specs = (report?.suites ?? []).flatMap(specsIn)
  const tests = specs.flatMap(({ title, tests }) => tests.map((test) => ({ ...test, title })))
  const passed = tests.filter((test) => test.status === 'expected')
  const others = tests.filter((test) => test.status !== 'expected')
  return settle(
    {
      passed: passed.length,
      failed: tests.length - passed.length,
      notes: others.map((test) => `${journeyWords[test.status] ?? 'did not run'}: [${test.projectName}] ${test.title}`),
    },
    exitCode,
  )
}

/** @type {Record<string, string>} */
const journeyWords = { unexpected: 'failed', flaky: 'passed only when repeated' }

/** A runner that ends badly has failed, even where no test says so, and so has one that ran nothing. @param {Tally} tally @param {number} exitCode @returns {Tally} */
function settle(tally, exitCode) {
  if (tally.failed > 0) return tally
  if (exitCode !== 0) return { ...tally, failed: 1, notes: [...tally.notes, `the runner ended with code ${exitCode}`] }
  return tally.passed > 0 ? tally : { ...tally, failed: 1, notes: ['no test ran'] }
}

/** @param {PlaywrightSuite} suite @returns {PlaywrightSpec[]} */
function specsIn(suite) {
  return [...(suite.specs ?? []), ...(suite.suites ?? []).flatMap(specsIn)]
}

/** The lines in which a runner sums itself up. @param {string} output */
export function summaryLines(output) {
  // eslint-disable-next-line no-control-regex
  const plain = output.replace(/\u001b\[[0-9;]*m/g, '')
  const own = /^\s*(Test Files|Tests|Errors|Duration)\s{2,}\S|^\s+\d+ (passed|failed|flaky|skipped|did not run|interrupted)\b/
  return plain.split('\n').filter((line) => own.test(line))
}
