import { describe, expect, it } from 'vitest'
import { createMemoryBlobs } from '../../../adapters/memory/blobs.ts'
import { createFileValidation } from '../../../adapters/validation/validation.ts'
import type { StoredFile } from '../../../messages/batch.ts'
import { validateFile } from './file-report.ts'

const validation = createFileValidation(new URL('../../../adapters/validation/thread-main.ts', import.meta.url))

describe('The lengths of requests', () => {
  it('are counted only where the bytes do not tell that they fit, and told by line', async () => {
    const counted: string[] = []
    const report = await reportOf(
      [
        request('a', 'short', 10),
        request('b', 'x'.repeat(300), 10),
        request('c', 'short', 100),
        request('d', 'y'.repeat(90), 10),
      ],
      {
        contextTokens: 100,
        countTokens: (text) => Promise.resolve(counted.push(text) && text.length),
      },
    )
    expect(counted).toEqual(['x'.repeat(300), 'y'.repeat(90)])
    expect(report.errors.map(({ line, code, message }) => [line, code, message])).toEqual([
      [
        2,
        'too_long',
        '300 tokens of text and 10 for the answer do not fit into the 100 tokens of the model. Shorten the text or lower max_tokens.',
      ],
      [3, 'too_long', '100 for the answer do not fit into the 100 tokens of the model. Shorten the text or lower max_tokens.'],
    ])
    expect(report.error_count).toBe(2)
  })

  it('are not looked at where nothing serves the model', async () => {
    expect((await reportOf([request('a', 'x'.repeat(5_000), 10)], undefined)).error_count).toBe(0)
  })
})

async function reportOf(lines: readonly string[], size: Awaited<ReturnType<Parameters<typeof validateFile>[3]['sizeOf']>>) {
  const blobs = createMemoryBlobs()
  const content = await blobs.put(new TextEncoder().encode(lines.join('\n')))
  const file: StoredFile = {
    id: 'file-1',
    filename: 'input.jsonl',
    purpose: 'batch',
    tenant: 'local',
    content,
    created_at: 0,
    expires_at: null,
  }
  return validateFile({ blobs, validation }, file, '/v1/chat/completions', { sizeOf: () => Promise.resolve(size) })
}

function request(customId: string, content: string, max_tokens: number): string {
  const body = { model: 'm', messages: [{ role: 'user', content }], max_tokens }
  return JSON.stringify({ custom_id: customId, method: 'POST', url: '/v1/chat/completions', body })
}
