import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { DirectoryInUseError, lockDirectory } from './lock.ts'

describe('the lock of a data directory', () => {
  const startedAt = Date.parse('2024-05-06T07:08:09Z')
  const programs: Program[] = []
  let directory: string
  let path: string
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'signalbox-lock-'))
    path = join(directory, 'signalbox.lock')
  })
  afterEach(async () => {
    for (const program of programs.splice(0)) await program.kill()
    await rm(directory, { recursive: true })
  })

  const lock = (shell = 'server') => lockDirectory({ directory, shell, now: startedAt })
  const start = (shell = 'desktop window') => {
    const program = startProgram(directory, shell)
    programs.push(program)
    return program
  }
  const writeLock = async (change: Record<string, unknown>) => {
    const held = await lock()
    const owner = JSON.parse(await readFile(path, 'utf8')) as Record<string, unknown>
    await held.release()
    await writeFile(path, JSON.stringify({ ...owner, ...change }))
  }

  it('names its owner', async () => {
    await lock()
    expect(JSON.parse(await readFile(path, 'utf8'))).toMatchObject({ pid: process.pid, shell: 'server', started_at: startedAt })
  })

  it('creates the directory', async () => {
    directory = join(directory, 'new', 'data')
    await lock()
    expect(await readdir(directory)).toEqual(['signalbox.lock'])
    directory = join(directory, '..', '..')
  })

  it('tells a second opener who has the directory and since when', async () => {
    await lock('desktop window')
    const refusal = lock()
    await expect(refusal).rejects.toBeInstanceOf(DirectoryInUseError)
    await expect(refusal).rejects.toThrow(
      `${directory} is in use by Signalbox (desktop window, process ${process.pid}) since 2024-05-06T07:08:09.000Z`,
    )
  })

  it('can be taken again after it was released', async () => {
    const first = await lock()
    await first.release()
    const second = await lock()
    await first.release()
    await expect(lock()).rejects.toBeInstanceOf(DirectoryInUseError)
    await second.release()
    expect(await readdir(directory)).toEqual([])
  })

  it('keeps other processes out until its owner gives it free', async () => {
    const owner = start()
    expect(await owner.said).toBe('held')
    expect(await start().said).toMatch(`(desktop window, process ${owner.pid})`)
    owner.end()
    await owner.exited
    expect(await start().said).toBe('held')
  })

  it('is taken over from a process that was killed', async () => {
    const owner = start()
    expect(await owner.said).toBe('held')
    await owner.kill()
    await lock()
    expect(await readdir(directory)).toEqual(['signalbox.lock'])
  })

  it('goes to one of several that start at once after a kill', async () => {
    const owner = start()
    await owner.said
    await owner.kill()
    const said = await Promise.all(Array.from({ length: 5 }, () => start().said))
    expect(said.filter((line) => line === 'held')).toHaveLength(1)
    expect(said.filter((line) => line.startsWith('DirectoryInUseError'))).toHaveLength(4)
  })

  it.each([
    ['a process that is gone', { pid: 2 ** 22 + 1 }],
    ['a process whose id another has now', { process_identity: 'an-earlier-boot:1' }],
  ])('is taken over from %s', async (_, change) => {
    await writeLock(change)
    await lock()
  })

  it('is respected where the start of its owner is not known', async () => {
    await writeLock({ process_identity: null })
    await expect(lock()).rejects.toBeInstanceOf(DirectoryInUseError)
  })

  it.each(['', '{"pid":', '{"pid":"me"}'])('is taken over when it has held only %j for a while', async (content) => {
    await writeFile(path, content)
    const earlier = new Date(Date.now() - 60_000)
    await utimes(path, earlier, earlier)
    await lock()
  })

  it('is taken over although an earlier takeover was killed in the middle', async () => {
    await writeLock({ pid: 2 ** 22 + 1 })
    await writeFile(`${path}.takeover`, '1')
    const earlier = new Date(Date.now() - 60_000)
    await utimes(`${path}.takeover`, earlier, earlier)
    await lock()
    expect(await readdir(directory)).toEqual(['signalbox.lock'])
  })
})

type Program = ReturnType<typeof startProgram>

function startProgram(directory: string, shell: string) {
  const child = spawn(process.execPath, [fileURLToPath(new URL('./hold-lock.ts', import.meta.url)), directory, shell], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const exited = once(child, 'close')
  return {
    pid: child.pid,
    said: once(child.stdout.setEncoding('utf8'), 'data').then(([text]) => String(text).trim()),
    exited,
    end: () => child.stdin.write('end\n'),
    kill: async () => {
      child.kill('SIGKILL')
      await exited
    },
  }
}
