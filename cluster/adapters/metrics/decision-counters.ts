import { Counter, Histogram, type Registry } from 'prom-client'
import type { DecisionLog } from '../../ports/decision-log.ts'

/** From an answer of a small model on the same machine to a long one. */
const SECONDS = [0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300]

/** A decision log that also counts what the gateway passes on. */
export function countDecisions(registry: Registry, decisions: DecisionLog): DecisionLog {
  const registers = [registry]
  const requests = new Counter({
    name: 'signalbox_gateway_requests_total',
    help: 'Requests that the HTTP API passed on, by the status that came back.',
    labelNames: ['model', 'engine', 'status'],
    registers,
  })
  const tokens = new Counter({
    name: 'signalbox_gateway_tokens_total',
    help: 'Tokens of requests that the HTTP API passed on, as the answers state them.',
    labelNames: ['model', 'direction'],
    registers,
  })
  const seconds = new Histogram({
    name: 'signalbox_gateway_request_seconds',
    help: 'From a request of the HTTP API to the last byte of its answer.',
    labelNames: ['model'],
    buckets: SECONDS,
    registers,
  })
  return {
    ...decisions,
    add(decision) {
      decisions.add(decision)
      const { model, engine, status } = decision
      requests.inc({ model, engine, status })
      tokens.inc({ model, direction: 'in' }, decision.tokens_in)
      tokens.inc({ model, direction: 'out' }, decision.tokens_out)
      seconds.observe({ model }, decision.latency_ms / 1000)
    },
  }
}
