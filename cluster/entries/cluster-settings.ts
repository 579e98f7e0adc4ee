import { readFileSync } from 'node:fs'
import { delimiter } from 'node:path'
import * as z from 'zod'
import { readInput } from '../messages/read-input.ts'

const seconds = (standard: number, max: number) =>
  z.coerce
    .number()
    .positive()
    .max(max)
    .default(standard)
    .transform((value) => Math.round(value * 1000))

const webSocketUrl = z
  .url({ protocol: /^wss?$/, error: 'must be a WebSocket address of NATS, such as ws://nats:8080' })
  .refine((url) => new URL(url).username === '', 'must hold no login: addresses are logged. Use NATS_TOKEN or NATS_NKEY_SEED')

const nats = {
  /** One address or more, with commas between. */
  NATS_URL: z
    .string()
    .transform((text) => text.split(',').map((part) => part.trim()))
    .pipe(z.array(webSocketUrl).min(1)),
  /** Keeps several installations apart on one server. */
  NATS_PREFIX: z
    .string()
    .regex(/^[A-Za-z0-9-]+$/, 'may hold only letters, digits and hyphens')
    .optional(),
  NATS_TOKEN: z.string().min(1).optional(),
  NATS_TOKEN_FILE: z.string().min(1).optional(),
  NATS_NKEY_SEED: z.string().min(1).optional(),
  NATS_NKEY_SEED_FILE: z.string().min(1).optional(),
}

const endpoint = {
  /** An OpenAI-compatible server, with or without `/v1` at its end. */
  VLLM_URL: z.url({ protocol: /^https?$/ }).optional(),
  VLLM_ENDPOINT: z.url({ protocol: /^https?$/ }).optional(),
  /** The models that may be called there, with commas between. There is no default: which model answers is a decision. */
  VLLM_MODEL: z
    .string()
    .min(1)
    .transform((text) => text.split(',').map((part) => part.trim()))
    .pipe(z.array(z.string().min(1))),
  /** How long the endpoint may send nothing before a call is given up. */
  VLLM_TIMEOUT: seconds(60, 3_600),
  VLLM_API_KEY: z.string().min(1).optional(),
  VLLM_API_KEY_FILE: z.string().min(1).optional(),
  /** Calls in hand at once in one worker. */
  MAX_RUNNING_AGENTS: z.coerce.number().int().min(1).max(256).default(15),
}

const logging = {
  SIGNALBOX_LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal']).default('info'),
}

const workerEnvironment = z.object({
  ...nats,
  ...endpoint,
  ...logging,
  AGENT_TYPE: z.enum(['vllm', 'model'], 'must be vllm or model: a worker calls real models only').default('vllm'),
  /** How long calls under way may go on after SIGTERM; a little less than what the one who sends it waits. */
  WORKER_GRACE_SECONDS: seconds(25, 3_600),
})

const controllerEnvironment = z.object({
  ...nats,
  ...endpoint,
  ...logging,
  /** Runs in motion at once; above it a submit is refused as overloaded. */
  MAX_QUEUED_RUNS: z.coerce.number().int().min(1).max(10_000).default(200),
  /** The context of the kubeconfig whose server tries manifests; absent: the shipped schemas do. */
  DRY_RUN_CONTEXT: z.string().min(1).optional(),
  /** Files separated as in PATH; default: ~/.kube/config. */
  KUBECONFIG: z.string().default(''),
})

export interface NatsSettings {
  readonly servers: readonly string[]
  readonly prefix?: string
  readonly token?: string
  readonly nkeySeed?: string
}

export interface EndpointTarget {
  readonly baseUrl: string
  readonly models: readonly string[]
  readonly idleTimeoutMs: number
  readonly parallel: number
  readonly apiKey: string | undefined
}

interface ProcessSettings {
  readonly nats: NatsSettings
  readonly endpoint: EndpointTarget
  readonly logLevel: string
}

export type WorkerSettings = ProcessSettings & { readonly graceMs: number }
export type ControllerSettings = ProcessSettings & {
  readonly maxQueuedRuns: number
  readonly dryRunContext: string | undefined
  readonly kubeconfigs: readonly string[]
}

type Environment = Readonly<Record<string, string | undefined>>

/** The settings of a worker. Throws with the variable's name where one is missing or wrong. */
export function readWorkerSettings(env: Environment = process.env): WorkerSettings {
  const read = parse(workerEnvironment, env)
  return { ...shared(read), graceMs: read.WORKER_GRACE_SECONDS }
}

/** The settings of a controller. Throws with the variable's name where one is missing or wrong. */
export function readControllerSettings(env: Environment = process.env): ControllerSettings {
  const read = parse(controllerEnvironment, env)
  return {
    ...shared(read),
    maxQueuedRuns: read.MAX_QUEUED_RUNS,
    dryRunContext: read.DRY_RUN_CONTEXT,
    kubeconfigs: read.KUBECONFIG.split(delimiter).filter((file) => file !== ''),
  }
}

function parse<T>(schema: z.ZodType<T>, env: Environment): T {
  const read = readInput(schema, env, 'The environment')
  if (read.success) return read.data
  throw new Error(`The environment does not say all that is needed. ${read.error.message}`)
}

type Read = z.output<z.ZodObject<typeof nats & typeof endpoint & typeof logging>>

function shared(read: Read): ProcessSettings {
  const url = read.VLLM_URL ?? read.VLLM_ENDPOINT
  if (url === undefined) throw new Error('The environment does not say all that is needed. `VLLM_URL` is missing.')
  const token = secret('NATS_TOKEN', read.NATS_TOKEN, read.NATS_TOKEN_FILE)
  const nkeySeed = secret('NATS_NKEY_SEED', read.NATS_NKEY_SEED, read.NATS_NKEY_SEED_FILE)
  return {
    nats: {
      servers: read.NATS_URL,
      ...(read.NATS_PREFIX !== undefined && { prefix: read.NATS_PREFIX }),
      ...(token !== undefined && { token }),
      ...(nkeySeed !== undefined && { nkeySeed }),
    },
    endpoint: {
      baseUrl: `${url.replace(/\/(v1\/?)?$/, '')}/v1`,
      models: read.VLLM_MODEL,
      idleTimeoutMs: read.VLLM_TIMEOUT,
      parallel: read.MAX_RUNNING_AGENTS,
      apiKey: secret('VLLM_API_KEY', read.VLLM_API_KEY, read.VLLM_API_KEY_FILE),
    },
    logLevel: read.SIGNALBOX_LOG_LEVEL,
  }
}

/** A secret as it stands, or from the file that `…_FILE` names, as secrets are mounted. */
function secret(name: string, value: string | undefined, file: string | undefined): string | undefined {
  if (file === undefined) return value
  if (value !== undefined) throw new Error(`${name} and ${name}_FILE are both set; set one.`)
  try {
    return readFileSync(file, 'utf8').trim()
  } catch (cause) {
    throw new Error(`${name}_FILE: ${file} cannot be read.`, { cause })
  }
}
