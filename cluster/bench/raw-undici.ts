/** What bare undici gets done: `count` requests to a server, so many at once. Prints milliseconds. */
import { Pool } from 'undici'

const [baseUrl = '', size = '1000', concurrency = '256'] = process.argv.slice(2)
const { origin, pathname } = new URL(baseUrl)
const pool = new Pool(origin, { keepAliveTimeout: 30_000 })
const content = `Label request 1: ${'the words of a ticket that somebody wrote. '.repeat(13)}`
const body = JSON.stringify({ model: 'small', messages: [{ role: 'user', content }], max_tokens: 64 })
const headers = { 'content-type': 'application/json' }
let left = Number(size)

async function worker(): Promise<void> {
  while (left > 0) {
    left -= 1
    const response = await pool.request({ method: 'POST', path: `${pathname}/chat/completions`, headers, body })
    await response.body.text()
  }
}

const startedAt = performance.now()
await Promise.all(Array.from({ length: Number(concurrency) }, worker))
console.log(performance.now() - startedAt)
await pool.close()
