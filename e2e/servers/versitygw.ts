import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePorts } from './free-ports.ts'
import { goBinary } from './go-binary.ts'

/** An S3 server over a folder: each folder in it is a bucket, each file an object. */
export interface ObjectStore {
  readonly endpoint: string
  readonly accessKey: string
  readonly secretKey: string
  /** Where the objects of a bucket are files. */
  folderOf(bucket: string): string
  createBucket(bucket: string): Promise<void>
  stop(): Promise<void>
}

const VERSION = '1.8.0'
const READY_MS = 10_000

/** Starts a real versitygw, which checks signatures, on a free loopback port over a folder of its own. */
export async function startObjectStore(): Promise<ObjectStore> {
  const binary = await goBinary('versitygw', 'github.com/versity/versitygw/cmd/versitygw', VERSION)
  const directory = await mkdtemp(join(tmpdir(), 'signalbox-s3-'))
  const [port = 0] = await freePorts(1)
  const [accessKey, secretKey] = ['test-access', 'test-secret']
  const child = spawn(binary, ['--port', `127.0.0.1:${port}`, '--health', '/health', 'posix', directory], {
    env: { ...process.env, ROOT_ACCESS_KEY: accessKey, ROOT_SECRET_KEY: secretKey },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  const kill = () => void child.kill('SIGKILL')
  process.once('exit', kill)
  let output = ''
  child.stderr.on('data', (text: Buffer) => (output = (output + text.toString()).slice(-4000)))
  const endpoint = `http://127.0.0.1:${port}`
  const until = Date.now() + READY_MS
  while (!(await isHealthy(endpoint))) {
    if (child.exitCode !== null || Date.now() > until) throw new Error(`versitygw did not start: ${output}`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  return {
    endpoint,
    accessKey,
    secretKey,
    folderOf: (bucket) => join(directory, bucket),
    createBucket: (bucket) => mkdir(join(directory, bucket)),
    stop: async () => {
      process.off('exit', kill)
      if (child.exitCode === null && child.signalCode === null) {
        const ended = once(child, 'exit')
        child.kill('SIGTERM')
        await ended
      }
      await rm(directory, { recursive: true })
    },
  }
}

async function isHealthy(endpoint: string): Promise<boolean> {
  try {
    return (await fetch(`${endpoint}/health`)).ok
  } catch {
    return false
  }
}
