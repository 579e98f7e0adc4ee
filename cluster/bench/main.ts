/** `npm run bench -- [name…] [--json]`: measures what is named, or everything; ends with 1 if a figure misses its bar. */
import { benchBoard } from '../../e2e/bench/board.ts'
import { benchBatchScenarios } from '../../e2e/bench/batch-scenarios.ts'
import { benchLists } from '../../e2e/bench/lists.ts'
import { benchBatchEta } from './batch-eta.ts'
import { benchBatchResume } from './batch-resume.ts'
import { benchBatchThroughput } from './batch-throughput.ts'
import { benchBatchValidate } from './batch-validate.ts'
import { benchBus } from './bus.ts'
import { benchGateway } from './gateway.ts'
import { benchLog } from './log.ts'
import { benchManyRuns } from './many-runs.ts'
import { print } from './report.ts'
import type { Figure } from './report.ts'

const benches: Readonly<Record<string, () => Promise<readonly Figure[]>>> = {
  log: benchLog,
  board: benchBoard,
  bus: async () => [...(await benchBus()), ...(await benchManyRuns())],
  lists: benchLists,
  gateway: benchGateway,
  'batch-throughput': benchBatchThroughput,
  'batch-resume': benchBatchResume,
  'batch-validate': benchBatchValidate,
  'batch-eta': benchBatchEta,
  'batch-scenarios': benchBatchScenarios,
}

const names = process.argv.slice(2).filter((argument) => !argument.startsWith('--'))
const unknown = names.filter((name) => !(name in benches))
if (unknown.length > 0) {
  console.error(`There is no bench ${unknown.join(', ')}. There are: ${Object.keys(benches).join(', ')}.`)
  process.exit(2)
}

const figures: Figure[] = []
for (const [name, measure] of Object.entries(benches))
  if (names.length === 0 || names.includes(name)) figures.push(...(await measure()))
print(figures, process.argv.includes('--json'))
process.exitCode = figures.every((figure) => figure.ok) ? 0 : 1
