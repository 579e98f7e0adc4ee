import { seconds } from './steps.mjs'

/**
 * @typedef {{ passed: number, failed: number, detail?: string, output?: string, lines?: string[] }} Outcome
 * @typedef {{ name: string, passed: number, failed: number, lines: string[] }} Result
 */

/** Runs steps, prints one line for each and a failing one's output in full, and adds up what they counted. */
export function collectResults(write = (/** @type {string} */ text) => void process.stdout.write(text)) {
  /** @type {Result[]} */
  const results = []
  return {
    /** @param {string} name @param {() => Promise<Outcome>} work @returns {Promise<boolean>} whether it passed */
    async step(name, work) {
      const started = Date.now()
      const { passed, failed, detail, output, lines = [] } = await work()
      results.push({ name, passed, failed, lines })
      if (failed > 0 && output) write(`${output.trimEnd()}\n`)
      write(`${failed > 0 ? '✗' : '✓'} ${name}${detail ? `: ${detail}` : ''} (${seconds(started)})\n`)
      return failed === 0
    },
    /** Prints the runners' own summaries and, alone on the last line, the sum. @returns {number} the exit code */
    finish() {
      const passed = results.reduce((sum, result) => sum + result.passed, 0)
      const failed = results.reduce((sum, result) => sum + result.failed, 0)
      write('\n')
      for (const { name, lines } of results) if (lines.length > 0) write(`${name}\n${lines.map((line) => `${line}\n`).join('')}`)
      for (const { name, failed } of results) if (failed > 0) write(`Failed: ${name}${failed > 1 ? ` (${failed})` : ''}\n`)
      write(`\n${passed} passed, ${failed} failed\n`)
      return failed > 0 || passed === 0 ? 1 : 0
    },
  }
}

/** @typedef {ReturnType<typeof collectResults>} Results */
