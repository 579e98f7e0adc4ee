/** A program for the bench: validates a stored file and prints the most memory that it took, in MB. */
import { openDirectoryBlobs } from '../adapters/directory/blobs.ts'
import { createFileValidation } from '../adapters/validation/validation.ts'

const [directory = '', sha256 = ''] = process.argv.slice(2)
const blobs = await openDirectoryBlobs(directory)
const validation = createFileValidation(new URL('../adapters/validation/thread-main.ts', import.meta.url))
const content = await blobs.get(sha256)
if (!content) throw new Error('The file is not stored.')
const { report } = await validation.validate(content, '/v1/chat/completions')
const [only] = report.errors
if (report.error_count !== 1 || only?.code !== 'duplicate_custom_id' || only.line !== report.lines)
  throw new Error('The only error is on the last line; something else was found.')
await validation.stop()
console.log(Math.round(process.resourceUsage().maxRSS / 1024))
