/** Work that went wrong in a way its message explains; no stack is needed. */
export class StepFailed extends Error {}

/**
 * Prints numbered steps with their times, under the title. A step's function returns what came of it, in words.
 * @param {{ title: string, write: (text: string) => unknown }} options
 */
export function startSteps({ title, write }) {
  let count = 0
  return async (/** @type {string} */ name, /** @type {(say: (text: string) => void) => Promise<string> | string} */ work) => {
    if (count === 0) write(`${title}\n`)
    const number = String(++count).padStart(2)
    const started = Date.now()
    const result = await work((text) => void write(`${number}. ${name}: ${text} …\n`))
    write(`${number}. ${name}: ${result} (${seconds(started)})\n`)
  }
}

/** @param {number} startedAtMs */
export function seconds(startedAtMs) {
  return `${((Date.now() - startedAtMs) / 1000).toFixed(1)} s`
}

/**
 * Runs an entry script: a failed step ends it with its message alone.
 * @param {() => Promise<number>} main → the exit code.
 */
export async function runMain(main) {
  try {
    process.exitCode = await main()
  } catch (error) {
    if (!(error instanceof StepFailed)) throw error
    process.stderr.write(`\n${error.message}\n`)
    process.exitCode = 1
  }
}
