import type { Refusal } from './refusal.ts'

/** A job over a file of prompts on this machine, with its defaults resolved. */
export interface PathJob {
  readonly inputPath: string
  readonly outputPath: string
  readonly model: string
  readonly samples: number
  readonly maxTokens: number
  readonly temperature: number
  /** Requests at once: batches at once × their size. */
  readonly atOnce: number
}

export interface StartedJob {
  readonly kind: 'started'
  readonly batchId: string
  readonly samples: number
  readonly hours: number
  /** `assumed`: nothing was ever measured of the model. */
  readonly rate: 'measured' | 'assumed'
}

/** Jobs that name files of this machine: batches like any other, whose results go to a path when they have ended. */
export interface PathJobs {
  start(commandId: string, actor: string, tenant: string, job: PathJob): Promise<StartedJob | Refusal>
  stop(): Promise<void>
}
