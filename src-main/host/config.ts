import { homedir } from 'node:os'
import { delimiter, join } from 'node:path'
import * as z from 'zod'
import type { Logger } from 'pino'
import { readInput } from '../../cluster/messages/read-input.ts'
import type { ForkEngine } from '../../cluster/ports/engine-process.ts'

const environment = z.object({
  XDG_DATA_HOME: z.string().optional(),
  XDG_CACHE_HOME: z.string().optional(),
  LOCALAPPDATA: z.string().optional(),
  /** Where kubectl looks too, files separated as in PATH. */
  KUBECONFIG: z.string().default(''),
  /** Where the log, read models and settings live. */
  SIGNALBOX_DATA_DIR: z.string().optional(),
  /** Where downloaded models live; shared by all data directories. */
  SIGNALBOX_CACHE_DIR: z.string().optional(),
  /** Threads of the embedded engine; default: all cores but one. */
  SIGNALBOX_ENGINE_THREADS: z.coerce.number().int().min(1).max(256).optional(),
  /** Folders that jobs over HTTP may read from and write to, separated as in PATH. */
  SIGNALBOX_JOB_FOLDERS: z.string().default(''),
  SIGNALBOX_LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal']).default('info'),
})

export interface Settings {
  readonly dataDir: string
  readonly cacheDir: string
  readonly engineThreads: number | undefined
  readonly logLevel: string
  readonly jobFolders: readonly string[]
  readonly kubeconfigs: readonly string[]
}

/** Settings from the environment, with a command line's data directory over them. Throws with the variable's name where a value is wrong. */
export function readSettings(env: NodeJS.ProcessEnv = process.env, dataDir?: string): Settings {
  const parsed = readInput(environment, env, 'The environment')
  if (!parsed.success) throw new Error(`The environment has a value that Signalbox cannot use. ${parsed.error.message}`)
  const {
    XDG_DATA_HOME,
    XDG_CACHE_HOME,
    LOCALAPPDATA,
    KUBECONFIG,
    SIGNALBOX_DATA_DIR,
    SIGNALBOX_CACHE_DIR,
    SIGNALBOX_ENGINE_THREADS,
    SIGNALBOX_JOB_FOLDERS,
    SIGNALBOX_LOG_LEVEL,
  } = parsed.data
  return {
    dataDir: dataDir ?? SIGNALBOX_DATA_DIR ?? join(XDG_DATA_HOME ?? dataHome(LOCALAPPDATA), 'signalbox'),
    cacheDir: SIGNALBOX_CACHE_DIR ?? join(XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'signalbox'),
    engineThreads: SIGNALBOX_ENGINE_THREADS,
    logLevel: SIGNALBOX_LOG_LEVEL,
    jobFolders: pathsIn(SIGNALBOX_JOB_FOLDERS),
    kubeconfigs: pathsIn(KUBECONFIG),
  }
}

function pathsIn(text: string): readonly string[] {
  return text.split(delimiter).filter((path) => path !== '')
}

function dataHome(localAppData: string | undefined): string {
  if (process.platform === 'darwin') return join(homedir(), 'Library', 'Application Support')
  return localAppData ?? join(homedir(), '.local', 'share')
}

/** Everything the host needs from the shell that starts it. */
export interface HostConfig {
  readonly settings: Settings
  readonly shell: 'electron' | 'server'
  readonly version: string
  /** Folder with the shipped resources: roles, prompts, model catalogue. */
  readonly resourcesDir: string
  /** Files that run in threads of their own; a bundled shell has them elsewhere than the source tree. */
  readonly modules: { readonly sqliteWriter: URL; readonly checkThread: URL; readonly validationThread: URL }
  readonly forkEngine: ForkEngine
  /** Serve the HTTP gateway on this port whatever the settings say; 0 takes any free one. */
  readonly gatewayPort?: number | undefined
  /** No page can change anything, whatever the settings say. */
  readonly readOnly?: boolean | undefined
  /** Ends the process as the operator would; absent where only he does that. */
  readonly shutDown?: (() => void) | undefined
  readonly log: Logger
}
