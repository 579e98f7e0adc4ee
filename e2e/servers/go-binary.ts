import { execFile } from 'node:child_process'
import { access, mkdir, mkdtemp, rename, rm } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

/** The path of a program that Go builds once into the user's cache. `module`: its package, without the version. */
export async function goBinary(name: string, module: string, version: string): Promise<string> {
  const cache = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'signalbox', `${name}-${version}`)
  const binary = join(cache, name)
  if (await exists(binary)) return binary
  await mkdir(cache, { recursive: true })
  const building = await mkdtemp(join(cache, 'building-'))
  try {
    await promisify(execFile)('go', ['install', '-ldflags', '-s -w', `${module}@v${version}`], {
      env: { ...process.env, GOBIN: building },
    })
    // In one step, so that others who build at the same time never see half of it.
    await rename(join(building, name), binary)
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new Error(
      `${name} ${version} could not be built: these tests need Go (command \`go\`) and its module proxy. ${reason}`,
      {
        cause,
      },
    )
  } finally {
    await rm(building, { recursive: true, force: true })
  }
  return binary
}

async function exists(path: string): Promise<boolean> {
  try {
    await access(path)
    return true
  } catch {
    return false
  }
}
