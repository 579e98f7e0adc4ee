/** A program for tests: locks the directory it is given, says `held` or why not, and then lives until it is told to end. */
import { writeSync } from 'node:fs'
import { lockDirectory } from './lock.ts'

const [directory = '', shell = ''] = process.argv.slice(2)
try {
  const lock = await lockDirectory({ directory, shell, now: Date.now() })
  writeSync(1, 'held\n')
  process.stdin.resume().once('data', () => void lock.release().then(() => process.exit(0)))
} catch (error) {
  writeSync(1, `${String(error)}\n`)
}
