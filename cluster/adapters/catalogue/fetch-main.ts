import { homedir } from 'node:os'
import { join } from 'node:path'
import { ensureEmbeddingModel, ensureStarterModel } from './ensure-model.ts'

const USAGE = 'Usage: fetch-main.ts starter|embedding [FOLDER]'

const [what, directory = join(homedir(), '.cache', 'signalbox', 'models')] = process.argv.slice(2)
const ensure = what === 'starter' ? ensureStarterModel : what === 'embedding' ? ensureEmbeddingModel : undefined
if (!ensure) {
  process.stderr.write(`${USAGE}\n`)
  process.exit(2)
}
try {
  const { file } = await ensure(join(import.meta.dirname, '../../../resources/models/catalogue.json'), directory)
  process.stdout.write(`${file}\n`)
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
  process.exit(1)
}
