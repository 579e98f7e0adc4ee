import { AckPolicy, DeliverPolicy, nanos, ReplayPolicy } from 'nats.ws'
import type { ConsumerConfig } from 'nats.ws'
import { isNotFound, reasonOf } from './failures.ts'
import type { Link } from './link.ts'
import { compare } from './streams.ts'
import type { Difference } from './streams.ts'

/** A consumer that all processes of one kind pull from together. */
export interface SharedConsumer {
  readonly name: string
  readonly filter: string
  readonly maxInHand: number
}

export interface ConsumerFound {
  /** How long the server waits for word of a message that is in hand. */
  readonly ackWaitMs: number
  readonly differences: readonly Difference[]
}

/** Makes the consumer if it is missing; otherwise it is used as it is, and what differs is told. */
export async function ensureConsumer(
  link: Link,
  stream: string,
  consumer: SharedConsumer,
  ackWaitMs: number,
): Promise<ConsumerFound> {
  const shape: Partial<ConsumerConfig> = {
    durable_name: consumer.name,
    filter_subject: consumer.filter,
    deliver_policy: DeliverPolicy.All,
    replay_policy: ReplayPolicy.Instant,
    ack_policy: AckPolicy.Explicit,
    ack_wait: nanos(ackWaitMs),
    max_deliver: -1,
    max_ack_pending: consumer.maxInHand,
    max_waiting: 512,
  }
  const actual = await link.steadily(`find the consumer ${consumer.name}`, async () => {
    try {
      return (await link.manage((jsm) => jsm.consumers.info(stream, consumer.name))).config
    } catch (error) {
      if (isNotFound(error)) return undefined
      throw error
    }
  })
  if (actual)
    return {
      ackWaitMs: (actual.ack_wait ?? nanos(ackWaitMs)) / 1e6,
      differences: compare(`${stream} > ${consumer.name}`, shape, actual),
    }
  try {
    await link.steadily(`make the consumer ${consumer.name}`, () => link.manage((jsm) => jsm.consumers.add(stream, { ...shape })))
  } catch (cause) {
    throw new Error(`${link.where} refused to make the consumer ${consumer.name} of ${stream}: ${reasonOf(cause)}.`, { cause })
  }
  return { ackWaitMs, differences: [] }
}
