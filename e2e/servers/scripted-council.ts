import * as z from 'zod'
import { sampleOf } from '../../cluster/adapters/memory/json-sample.ts'
import { type Behaviour, type ChatRequest, phaseOf } from './scripted-endpoint.ts'

/** What the proposals say that every critic quotes, and what every revision says instead. */
export const criticised = 'Retry every failed request three times.'
export const mended = 'Retry a failed request three times, each after a longer pause.'
export const problem = 'There is no pause between the tries.'
export const note = 'The pauses grow now.'

/** The proposals differ by their approach alone; scorers give a point of ten for each place they come after. */
const approaches = ['idempotency keys', 'a circuit breaker', 'a retry budget'] as const
export const winningApproach = approaches[0]

/** A council whose answers are known: three proposals, one problem in each that its author mends, scores by approach. */
export function scriptedCouncil(): (request: ChatRequest) => Behaviour {
  let proposals = 0
  const saying = (text: string): Behaviour => ({ kind: 'answer', text })
  return (request) => {
    switch (phaseOf(request)) {
      case 'propose':
        return saying(proposalOf(approaches[proposals++ % approaches.length] ?? winningApproach))
      case 'critique':
        return saying(critiqueFor(request))
      case 'revise':
        return saying(revisionOf(request))
      case 'score':
        return saying(scoresFor(request))
      case 'select':
        return { kind: 'status', status: 501 }
    }
  }
}

function proposalOf(approach: string): string {
  return [
    '## Analysis',
    'A retry must not do the work twice.',
    '',
    '## Approach',
    `We rely on ${approach}.`,
    '',
    '## Implementation',
    criticised,
    '',
    '## Challenges',
    'Duplicates while a server restarts.',
  ].join('\n')
}

const objectSchema = z.object({ properties: z.record(z.string(), z.unknown()) })

function keysOf(schema: unknown, ...path: readonly string[]): string[] {
  const { properties } = objectSchema.parse(schema)
  const [key, ...rest] = path
  return key === undefined ? Object.keys(properties) : keysOf(properties[key], ...rest)
}

function schemaOf(request: ChatRequest): Record<string, unknown> {
  return request.response_format?.json_schema?.schema ?? {}
}

function critiqueFor(request: ChatRequest): string {
  const marks = keysOf(schemaOf(request), 'criteria').map((key) => [key, { comment: 'It could say more.', score: 0.5 }] as const)
  const criteria: Record<string, unknown> = Object.fromEntries(marks)
  return JSON.stringify({
    criteria,
    strengths: ['It is short.'],
    problems: [{ severity: 'major', text: problem, quote: criticised }],
  })
}

function revisionOf(request: ChatRequest): string {
  const [own = ''] = materialOf(request, /<<<(\S+) proposal\n([\s\S]*?)\n\1>>>/g).map(([, , text = '']) => text)
  const answers = JSON.stringify([{ problem_id: 'P1', status: 'answered', note }])
  return `${own.replace(criticised, mended)}\n\n\`\`\`answers\n${answers}\n\`\`\``
}

/** 9, 8 or 7 of 10 by the approach; 3 less for what was criticised and not mended. */
function scoresFor(request: ChatRequest): string {
  const schema = schemaOf(request)
  const texts = materialOf(request, /<<<(\S+) text ([A-Z])\n([\s\S]*?)\n\1>>>/g)
  const scored = texts.map(([, , label = '', text = '']) => {
    const place = approaches.findIndex((approach) => text.includes(approach))
    const score = 9 - place - (text.includes(criticised) ? 3 : 0)
    const reason = `It relies on ${approaches[place] ?? 'nothing known'}.`
    return [label, Object.fromEntries(keysOf(schema, label).map((key) => [key, { reason, score }]))]
  })
  return JSON.stringify({ ...z.record(z.string(), z.unknown()).parse(sampleOf(schema, 1)), ...Object.fromEntries(scored) })
}

function materialOf(request: ChatRequest, pattern: RegExp): RegExpExecArray[] {
  return [
    ...request.messages
      .map((message) => message.content)
      .join('\n')
      .matchAll(pattern),
  ]
}
