import { readFile } from 'node:fs/promises'

/**
 * What tells a process from a later one with the same id: the boot and the tick it started at. Null where the system does not say
 * (only Linux does), or if there is no such process.
 */
export async function processIdentity(pid: number): Promise<string | null> {
  try {
    const [boot, stat] = await Promise.all([
      readFile('/proc/sys/kernel/random/boot_id', 'utf8'),
      readFile(`/proc/${pid}/stat`, 'utf8'),
    ])
    // The second field, the program's name in brackets, may hold spaces; the state is field 3, the start field 22.
    const [state, ...fields] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return state === 'Z' || state === 'X' ? null : `${boot.trim()}:${fields[18]}`
  } catch {
    return null
  }
}

/** True if the process `pid` runs and, as far as can be told, is the one that had `identity`. */
export async function isSameProcessAlive(pid: number, identity: string | null): Promise<boolean> {
  try {
    process.kill(pid, 0)
  } catch (error) {
    // EPERM: it is there and belongs to somebody else.
    if (!(error instanceof Error && 'code' in error && error.code === 'EPERM')) return false
  }
  return identity === null || (await processIdentity(pid)) === identity
}
