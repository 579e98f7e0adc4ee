import { mkdirSync, readFileSync, rmSync } from 'node:fs'
import path from 'node:path'
import { run } from './command.mjs'
import { compileCache, onPath, productNode, scratchDir, toolScript } from './place.mjs'
import { summaryLines, tallyPlaywright, tallyVitest } from './tally.mjs'

/** @typedef {import('./results.mjs').Outcome} Outcome */

/**
 * @param {string} project a project of vitest.config.ts; a star stands for any ending
 * @param {{ env?: Record<string, string>, live?: boolean }} [options] @returns {Promise<Outcome>}
 */
export async function runVitest(project, { env = {}, live = false } = {}) {
  const file = reportFile(`vitest-${project.replace('*', '')}.json`)
  const args = ['run', '--project', project, '--reporter=default', '--reporter=json', `--outputFile.json=${file}`]
  const { code, output } = await run(productNode, [toolScript('vitest'), ...args], { env: { ...compileCache, ...env }, live })
  return outcome(tallyVitest(readReport(file), code), output, live)
}

/** @param {{ env?: Record<string, string>, args?: string[] }} [options] @returns {Promise<Outcome>} */
export async function runJourneys({ env = {}, args = [] } = {}) {
  const file = reportFile('playwright.json')
  const playwright = [
    productNode,
    toolScript('@playwright/test', 'playwright'),
    'test',
    '--config',
    'e2e/playwright.config.ts',
    '--reporter=list,json',
    ...args,
  ]
  const xvfb = process.platform === 'linux' ? onPath('xvfb-run') : undefined
  const [command, ...rest] = xvfb ? [xvfb, '-a', '-s', '-screen 0 1440x900x24 -noreset', ...playwright] : playwright
  const { code, output } = await run(command ?? productNode, rest, {
    env: { ...compileCache, ...env, PLAYWRIGHT_JSON_OUTPUT_FILE: file },
    live: true,
  })
  return outcome(tallyPlaywright(readReport(file), code), output, true)
}

/** @param {import('./tally.mjs').Tally} tally @param {string} output @param {boolean} wasLive @returns {Outcome} */
function outcome({ passed, failed, notes }, output, wasLive) {
  return {
    passed,
    failed,
    detail: `${passed} passed, ${failed} failed`,
    output: wasLive ? '' : output,
    lines: [...summaryLines(output), ...notes.map((note) => `  ${note}`)],
  }
}

/** @param {string} name */
function reportFile(name) {
  const file = path.join(scratchDir, 'reports', name)
  mkdirSync(path.dirname(file), { recursive: true })
  rmSync(file, { force: true })
  return file
}

/** @param {string} file */
function readReport(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    return undefined
  }
}
