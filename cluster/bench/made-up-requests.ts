import { createWriteStream } from 'node:fs'
import { once } from 'node:events'

export const NEWLINE = '\n'
const LINE_BYTES = 774
const text = 'Say in one word whether the customer who wrote this is content, and name the part of the product that it is about. '

/** A chat request of `bytes` with its newline. */
export function madeUpLine(n: number, bytes = LINE_BYTES): string {
  const request = (content: string) =>
    JSON.stringify({
      custom_id: `request-${String(n).padStart(6, '0')}`,
      method: 'POST',
      url: '/v1/chat/completions',
      body: {
        model: 'qwen2.5-0.5b-instruct',
        messages: [
          { role: 'system', content: 'You sort the mail of customers.' },
          { role: 'user', content },
        ],
        max_tokens: 64,
        temperature: 0.2,
      },
    })
  const room = bytes - NEWLINE.length - request('').length
  return request(text.repeat(Math.ceil(room / text.length)).slice(0, room))
}

/** A file of 50,000 such requests that fills `bytes`; the last line repeats the first custom_id, so that it is faulty. */
export async function writeMadeUpFile(file: string, bytes: number): Promise<void> {
  const lines = 50_000
  const stream = createWriteStream(file)
  for (let n = 0; n < lines; n++)
    if (!stream.write(madeUpLine(n === lines - 1 ? 0 : n, Math.floor(bytes / lines)) + NEWLINE)) await once(stream, 'drain')
  stream.end()
  await once(stream, 'close')
}
