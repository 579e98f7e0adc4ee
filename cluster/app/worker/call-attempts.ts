import { DelegateBackoff, handleWhen, retry } from 'cockatiel'
import type { Answer, CallMetrics } from '../../messages/answer.ts'
import { workId, type ChatMessage, type WorkItem } from '../../messages/work.ts'
import type { Clock } from '../../ports/clock.ts'
import { ModelCallError, type Engines, type ModelReply } from '../../ports/engines.ts'
import type { LiveChannel } from '../../ports/live-channel.ts'

interface CallPorts {
  readonly engines: Engines
  readonly live: LiveChannel
  readonly clock: Clock
  /** 0 ≤ x < 1; spreads retries. */
  readonly jitter: () => number
}

const RETRY_BASE_MS = 500
const RETRY_MAX_MS = 15_000
const AWAY_BASE_MS = 1000

/** The tries of one item: retries with backoff, the timeout of each, and what they used. */
export class CallAttempts {
  readonly #ports: CallPorts
  readonly #item: WorkItem
  readonly #signal: AbortSignal
  readonly #queuedAt: number
  #startedAt: number | null = null
  #firstTokenAt: number | null = null
  #attempts = 0
  #tokensIn = 0
  #tokensOut = 0
  #repair: ChatMessage[] | undefined

  constructor(ports: CallPorts, item: WorkItem, signal: AbortSignal) {
    this.#ports = ports
    this.#item = item
    this.#signal = signal
    this.#queuedAt = ports.clock.now()
    ports.live.publish({ kind: 'queued', ...this.#stamp() })
  }

  async call(messages: readonly ChatMessage[]): Promise<ModelReply> {
    const policy = retry(
      handleWhen((fault) => fault instanceof ModelCallError && fault.retryable && !this.#signal.aborted),
      {
        maxAttempts: this.#item.max_retries,
        backoff: new DelegateBackoff((context) =>
          this.#backOff(context.attempt, 'error' in context.result ? context.result.error : undefined),
        ),
      },
    )
    return await policy.execute(() => this.#onceReachable(messages), this.#signal)
  }

  /** Asks once more: the prompt again, and then what followed it. */
  async repair(following: ChatMessage[]): Promise<ModelReply> {
    this.#repair = following
    return await this.call([...this.#item.messages, ...following])
  }

  /** One try. While the engine is away it waits with growing pauses, up to the call's timeout; a try counts once the engine has answered. */
  async #onceReachable(messages: readonly ChatMessage[]): Promise<ModelReply> {
    const { clock, live, jitter } = this.#ports
    let awaySince: number | undefined
    for (let pause = AWAY_BASE_MS; ; pause = Math.min(RETRY_MAX_MS, pause * 2)) {
      const startedBefore = this.#startedAt
      try {
        return await this.#once(messages)
      } catch (fault) {
        if (!(fault instanceof ModelCallError && fault.engineAway) || this.#signal.aborted) throw fault
        const now = clock.now()
        awaySince ??= now
        const left = Math.min(awaySince + this.#item.timeout_ms, this.#item.deadline) - now
        const delay = Math.round(fault.retryAfterMs ?? pause * (0.5 + jitter() / 2))
        if (delay >= left)
          throw new ModelCallError(fault.failure, awayInWords(fault, now - awaySince), { retryable: false, cause: fault })
        live.publish({
          kind: 'retrying',
          ...this.#stamp(),
          attempt: this.#attempts,
          error: awayInWords(fault, now - awaySince),
          delay_ms: delay,
        })
        this.#attempts -= 1
        this.#startedAt = startedBefore
        await clock.sleep(delay, this.#signal)
        this.#signal.throwIfAborted()
      }
    }
  }

  async #once(messages: readonly ChatMessage[]): Promise<ModelReply> {
    const { engines, clock, live } = this.#ports
    const left = this.#item.deadline - clock.now()
    if (left <= 0)
      throw new ModelCallError('timeout', 'The deadline of the run had passed before the call could start.', { retryable: false })
    this.#attempts += 1
    const attempt = this.#attempts
    const timedOut = new AbortController()
    let timer: NodeJS.Timeout | undefined
    let position = 0
    try {
      const reply = await engines.complete(
        {
          model: this.#item.model,
          messages,
          temperature: this.#item.temperature,
          maxTokens: this.#item.max_tokens,
          seed: this.#item.seed,
          format: this.#item.format,
          scoreField: this.#item.score_field,
        },
        {
          onStarted: () => {
            this.#startedAt ??= clock.now()
            timer = setTimeout(() => timedOut.abort(), Math.min(this.#item.timeout_ms, left))
            live.publish({ kind: 'started', ...this.#stamp(), attempt })
          },
          onText: (text) => {
            live.publish({ kind: 'delta', ...this.#stamp(), position, text })
            position += text.length
          },
        },
        AbortSignal.any([this.#signal, timedOut.signal]),
      )
      this.#firstTokenAt ??= reply.firstTokenAt
      this.#tokensIn += reply.tokensIn
      this.#tokensOut += reply.tokensOut
      return reply
    } catch (fault) {
      if (!timedOut.signal.aborted || this.#signal.aborted) throw fault
      const seconds = Math.round(Math.min(this.#item.timeout_ms, left) / 1000)
      throw new ModelCallError('timeout', `No complete answer within ${seconds} s of the call's start.`, {
        retryable: true,
        cause: fault,
      })
    } finally {
      clearTimeout(timer)
    }
  }

  /** Exponential with full jitter; Retry-After wins where the server sent one, up to the run's deadline. */
  #backOff(attempt: number, fault: unknown): number {
    const ceiling = Math.min(RETRY_MAX_MS, RETRY_BASE_MS * 2 ** (attempt - 1))
    const asked = fault instanceof ModelCallError ? fault.retryAfterMs : undefined
    const left = Math.max(0, this.#item.deadline - this.#ports.clock.now())
    const delay = Math.round(Math.min(left, asked ?? ceiling * (0.5 + this.#ports.jitter() / 2)))
    const error = fault instanceof Error ? fault.message : 'unknown'
    this.#ports.live.publish({ kind: 'retrying', ...this.#stamp(), attempt: this.#attempts, error, delay_ms: delay })
    return delay
  }

  completed(reply: ModelReply, repaired: boolean): Answer {
    const { text, reasoning, servedModel, finish, expectedScores, degraded } = reply
    return {
      kind: 'completed',
      ...this.#base(),
      content: text,
      reasoning,
      model: this.#item.model,
      served_model: servedModel,
      finish,
      expected_scores: expectedScores && [...expectedScores],
      repaired,
      degraded,
    }
  }

  failed(error_type: Extract<Answer, { kind: 'failed' }>['error_type'], error: string, content: string | null): Answer {
    return { kind: 'failed', ...this.#base(), error, error_type, content }
  }

  #base() {
    const { task_id, round, phase, agent_id, attempt, role, num_agents } = this.#item
    const ended_at = this.#ports.clock.now()
    const metrics: CallMetrics = {
      tokens_in: this.#tokensIn,
      tokens_out: this.#tokensOut,
      queued_at: this.#queuedAt,
      started_at: this.#startedAt ?? ended_at,
      first_token_at: this.#firstTokenAt,
      ended_at,
      attempts: Math.max(1, this.#attempts),
    }
    return { task_id, round, phase, agent_id, attempt, role, num_agents, metrics, ...(this.#repair && { repair: this.#repair }) }
  }

  #stamp() {
    return { task_id: this.#item.task_id, id: workId(this.#item), at: this.#ports.clock.now() }
  }
}

function awayInWords({ message }: ModelCallError, awayMs: number): string {
  return awayMs < 1000 ? message : `${message} The engine has been away for ${Math.round(awayMs / 1000)} s.`
}
