import { splitRevision } from './answers-block.ts'
import { asList, asObject, asText, readJson, type Json } from './json.ts'
import { criterionKeys, labelOf } from './labels.ts'
import type { CallOrder } from './plan.ts'
import { findQuote } from './quote.ts'
import { REQUIREMENTS_KEY } from './shapes.ts'
import { currentText, type RunState } from './state.ts'
import type { CompletedAnswer, Contribution, Critique, CriterionScore, PeerScore, RequirementVerdict } from './types.ts'

type Interpreted =
  | { readonly kind: 'contribution'; readonly contribution: Contribution }
  /** The text is not what was asked for: the call counts as failed, and the text is kept beside the fault. */
  | { readonly kind: 'fault'; readonly fault: string }

/** Reads a model's text as what its call was to bring. */
export function interpret(state: RunState, order: CallOrder, answer: CompletedAnswer): Interpreted {
  if (answer.content.trim() === '') return fault('The model answered with an empty text.')
  switch (order.phase) {
    case 'propose':
      return contribution({ kind: 'proposal', content: answer.content.trim() })
    case 'revise':
      return revision(state, order, answer.content)
    case 'critique':
      return critique(state, order, asObject(readJson(answer.content)))
    case 'score':
      return scores(state, order, asObject(readJson(answer.content)), answer.expected_scores)
    case 'select':
      return selection(order, asObject(readJson(answer.content)))
  }
}

type Order<P extends CallOrder['phase']> = Extract<CallOrder, { phase: P }>

const contribution = (given: Contribution): Interpreted => ({ kind: 'contribution', contribution: given })
const fault = (text: string): Interpreted => ({ kind: 'fault', fault: text })
const NOT_JSON = fault('The answer is not the JSON asked for.')

function revision(state: RunState, order: Order<'revise'>, content: string): Interpreted {
  const problems =
    state.critiques.find((each) => each.round === order.round && each.targetId === order.author_id)?.critique.problems ?? []
  const { text, answers } = splitRevision(
    content,
    problems.map((problem) => problem.id),
  )
  if (text === '') return fault('The revision holds no text beside the answers; the proposal stays as it was.')
  const { agent_id, author_id, critic_id } = order
  return contribution({
    kind: 'revision',
    content: text,
    critic_id,
    ...(author_id !== agent_id && { author_id }),
    answers: [...answers],
  })
}

function critique(state: RunState, order: Order<'critique'>, reply: Json | undefined): Interpreted {
  if (!reply) return NOT_JSON
  const criteria: Critique['criteria'] = []
  const given = asObject(reply['criteria'])
  const names = state.spec.rubric.map((each) => each.name)
  for (const [i, key] of criterionKeys(names).entries()) {
    const entry = asObject(given?.[key])
    const score = entry?.['score']
    if (!entry || typeof score !== 'number' || !(score >= 0 && score <= 1))
      return fault(`The critique has no score from 0 to 1 for "${names[i] ?? key}".`)
    criteria.push({ name: names[i] ?? key, score, comment: asText(entry['comment']) })
  }
  const text = currentText(state, order.target_id)?.content ?? ''
  const problems = asList(reply['problems'])
    .map(asObject)
    .filter((problem) => problem !== undefined && asText(problem['text']) !== '')
    .map((problem, i) => {
      const quote = asText(problem?.['quote'])
      const severity = problem?.['severity'] === 'major' ? ('major' as const) : ('minor' as const)
      return { id: `P${i + 1}`, severity, text: asText(problem?.['text']), quote, anchor: findQuote(text, quote) }
    })
  const strengths = asList(reply['strengths'])
    .map(asText)
    .filter((strength) => strength !== '')
  return contribution({
    kind: 'critique',
    target_id: order.target_id,
    version: order.version,
    critique: { criteria, strengths, problems },
  })
}

/** `expected` comes in the order in which the scores stand in the reply; with any other count it says nothing certain. */
function scores(
  state: RunState,
  order: Order<'score' | 'select'>,
  reply: Json | undefined,
  expected: readonly number[] | null,
): Interpreted {
  if (!reply) return NOT_JSON
  const names = state.spec.rubric.map((each) => each.name)
  const keys = criterionKeys(names)
  const verdicts = new Map<string, CriterionScore>()
  for (const [label, verdict] of Object.entries(reply))
    for (const [key, value] of Object.entries(asObject(verdict) ?? {})) {
      const entry = asObject(value)
      const name = names[keys.indexOf(key)]
      const stated = entry?.['score']
      if (!entry || name === undefined || !Number.isInteger(stated) || typeof stated !== 'number' || stated < 0 || stated > 10)
        continue
      verdicts.set(`${label}.${key}`, { name, stated, expected: null, reason: asText(entry['reason']) })
    }
  const usable = expected !== null && expected.length === verdicts.size && expected.every((each) => each >= 0 && each <= 10)
  const inOrder = [...verdicts.keys()]
  const given: PeerScore[] = []
  for (const [position, author_id] of order.shown.entries()) {
    const criteria: CriterionScore[] = []
    for (const [i, key] of keys.entries()) {
      const at = `${labelOf(position)}.${key}`
      const verdict = verdicts.get(at)
      if (!verdict) return fault(`There is no score from 0 to 10 for "${names[i] ?? key}" of text ${labelOf(position)}.`)
      criteria.push({ ...verdict, expected: usable ? (expected[inOrder.indexOf(at)] ?? null) : null })
    }
    const requirements = requirementVerdicts(state, author_id, asObject(asObject(reply[REQUIREMENTS_KEY])?.[labelOf(position)]))
    given.push({ author_id, position, criteria, requirements })
  }
  return contribution({ kind: 'scores', scores: given })
}

/** A verdict left out is absent, not "not met": the scores beside it still count. */
function requirementVerdicts(state: RunState, authorId: string, given: Json | undefined): RequirementVerdict[] {
  const text = currentText(state, authorId)?.content ?? ''
  return state.spec.requirements.flatMap(({ id }) => {
    const entry = asObject(given?.[id])
    const verdict = entry?.['verdict']
    if (verdict !== 'met' && verdict !== 'not met') return []
    const quote = asText(entry?.['quote'])
    return [{ requirement_id: id, met: verdict === 'met', quote, anchor: findQuote(text, quote) }]
  })
}

function selection(order: Order<'score' | 'select'>, reply: Json | undefined): Interpreted {
  if (!reply) return NOT_JSON
  const choice = asText(reply['choice'])
  const chosen = order.shown.find((_, position) => labelOf(position) === choice)
  if (chosen === undefined)
    return fault(`The architect chose "${choice}", which is none of ${order.shown.map((_, i) => labelOf(i)).join(', ')}.`)
  return contribution({ kind: 'selection', chosen, reason: asText(reply['reason']) })
}
