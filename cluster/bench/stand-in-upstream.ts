/** A stand-in for an OpenAI-compatible server in a process of its own: each answer takes as long as it is told. Prints its address. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

const delayMs = Number(process.argv[2] ?? 50)
/** A server that is told so gets slower beyond this many at once, as one does that queues. 0 = it never does. */
const knee = Number(process.argv[3] ?? 0)
const content = 'A label of some words. '.repeat(Number(process.argv[4] ?? 1)).trim()

const answer = JSON.stringify({
  id: 'chatcmpl-1',
  object: 'chat.completion',
  created: 1_700_000_000,
  model: 'small',
  choices: [{ index: 0, message: { role: 'assistant', content }, finish_reason: 'stop' }],
  usage: { prompt_tokens: 40, completion_tokens: 20, total_tokens: 60 },
})
const models = JSON.stringify({ object: 'list', data: [{ id: 'small' }] })
const head = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(answer) }
let [calls, running] = [0, 0]

const server = createServer((request, response) => {
  if (request.url === '/calls') return void response.end(String(calls))
  if (request.url === '/v1/models') return void response.writeHead(200, { 'content-type': 'application/json' }).end(models)
  calls += 1
  running += 1
  request.resume()
  const slower = knee > 0 ? Math.max(1, running / knee) : 1
  setTimeout(() => {
    running -= 1
    response.writeHead(200, head).end(answer)
  }, delayMs * slower)
})
server.keepAliveTimeout = 60_000
server.listen(0, '127.0.0.1', () => console.log(`http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`))
