import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, it } from 'vitest'
import { readControllerSettings, readWorkerSettings } from './cluster-settings.ts'

const least = { NATS_URL: 'ws://nats:8080', VLLM_URL: 'http://vllm:8000', VLLM_MODEL: 'qwen' }
const folders: string[] = []
afterEach(() => folders.splice(0).forEach((folder) => rmSync(folder, { recursive: true })))

it('fills in everything but the addresses and the model', () => {
  expect(readWorkerSettings(least)).toEqual({
    nats: { servers: ['ws://nats:8080'] },
    endpoint: { baseUrl: 'http://vllm:8000/v1', models: ['qwen'], idleTimeoutMs: 60_000, parallel: 15, apiKey: undefined },
    logLevel: 'info',
    graceMs: 25_000,
  })
  expect(readControllerSettings(least).maxQueuedRuns).toBe(200)
})

it.each(['http://vllm:8000', 'http://vllm:8000/', 'http://vllm:8000/v1', 'http://vllm:8000/v1/'])(
  'takes %s for the same endpoint',
  (url) => {
    const { VLLM_URL: _, ...rest } = least
    expect(readWorkerSettings({ ...rest, VLLM_ENDPOINT: url }).endpoint.baseUrl).toBe('http://vllm:8000/v1')
  },
)

it.each<[what: string, env: Record<string, string | undefined>, says: RegExp]>([
  ['no model', { VLLM_MODEL: undefined }, /`VLLM_MODEL` is missing/],
  ['no endpoint', { VLLM_URL: undefined }, /`VLLM_URL` is missing/],
  ['an address that is no WebSocket', { NATS_URL: 'nats://nats:4222' }, /NATS_URL.*WebSocket/],
  ['a login in the address', { NATS_URL: 'ws://me:secret@nats:8080' }, /NATS_URL.*no login/],
  ['mock agents', { AGENT_TYPE: 'mock' }, /AGENT_TYPE.*real models/],
  ['a token twice', { NATS_TOKEN: 'a', NATS_TOKEN_FILE: '/run/token' }, /NATS_TOKEN and NATS_TOKEN_FILE/],
  ['a file that is not there', { VLLM_API_KEY_FILE: '/does/not/exist' }, /VLLM_API_KEY_FILE/],
  ['a number that is none', { MAX_RUNNING_AGENTS: 'many' }, /MAX_RUNNING_AGENTS/],
])('refuses %s by name', (_, env, says) => {
  expect(() => readWorkerSettings({ ...least, ...env })).toThrow(says)
})

it('reads secrets from the files that are named', () => {
  const folder = mkdtempSync(join(tmpdir(), 'signalbox-settings-'))
  folders.push(folder)
  const file = join(folder, 'key')
  writeFileSync(file, 'from-a-file\n')
  const settings = readWorkerSettings({ ...least, VLLM_API_KEY_FILE: file, NATS_NKEY_SEED_FILE: file })
  expect([settings.endpoint.apiKey, settings.nats.nkeySeed]).toEqual(['from-a-file', 'from-a-file'])
})
