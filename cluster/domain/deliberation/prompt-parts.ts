import { callerOf } from './council.ts'
import { labelOf } from './labels.ts'
import type { CallOrder } from './plan.ts'
import { requirementLines } from './requirement-lines.ts'
import type { ReplyShape } from './shapes.ts'
import { hash32 } from './shuffle.ts'
import { currentText, type RunState } from './state.ts'
import { fillTemplate } from './template.ts'
import type { Critique, PromptSet } from './types.ts'

/** What a prompt is filled with: the texts that may be cut to fit, and the values once they are. */
export interface PromptParts {
  readonly texts: readonly string[]
  readonly fill: (texts: readonly string[]) => Readonly<Record<string, string>>
}

/** Gathers what one call is told and shown. Text written by models is set off by a mark that does not occur in it. */
export function promptParts(state: RunState, order: CallOrder, prompts: PromptSet, shape: ReplyShape | null): PromptParts {
  const { spec } = state
  const shown = materialOf(state, order, prompts)
  const always = {
    brief: brief(state, order, prompts),
    metadata: block(
      prompts.metadata,
      'metadata',
      Object.entries(spec.metadata).map(([key, value]) => `- ${key}: ${value}`),
    ),
    diversity: callerOf(spec, order).diversity ? prompts.diversity : '',
    judge_requirements: spec.requirements.length > 0 ? prompts.judge_requirements : '',
    form: shape?.words ?? '',
    labels: shown.map((_, i) => labelOf(i)).join(', '),
  }
  const files = spec.attachments.map(({ name, content }): Material => ({ title: `file ${name}`, content }))
  const texts = [spec.task, ...shown.map((each) => each.content), ...files.map((each) => each.content)]
  const mark = markFor(`${spec.seed}`, [...texts, ...files.map((each) => each.title)])
  const setOff = (material: readonly Material[], contents: readonly string[]): string[] =>
    material.map(({ title }, i) => fillTemplate(prompts.material, { mark, title, content: contents[i] ?? '' }))
  return {
    texts,
    fill: ([task = '', ...contents]) => ({
      ...always,
      mark,
      task,
      material: setOff(shown, contents).join('\n\n'),
      attachments: attached(prompts, mark, setOff(files, contents.slice(shown.length))),
    }),
  }
}

interface Material {
  readonly title: string
  readonly content: string
}

function materialOf(state: RunState, order: CallOrder, prompts: PromptSet): readonly Material[] {
  const textOf = (id: string): string => currentText(state, id)?.content ?? ''
  switch (order.phase) {
    case 'propose':
      return []
    case 'critique':
      return [{ title: 'proposal', content: textOf(order.target_id) }]
    case 'revise': {
      const given = state.critiques.find((each) => each.round === order.round && each.targetId === order.author_id)
      return [
        { title: 'proposal', content: textOf(order.author_id) },
        { title: 'critique', content: given ? critiqueText(given.critique) : '' },
      ]
    }
    case 'score':
      return order.shown.map((id, i) => ({ title: `text ${labelOf(i)}`, content: textOf(id) }))
    case 'select':
      return order.shown.map((id, i) => ({ title: candidateTitle(state, id, labelOf(i), prompts), content: textOf(id) }))
  }
}

function candidateTitle(state: RunState, agentId: string, label: string, prompts: PromptSet): string {
  const place = state.ranking?.find((each) => each.agent_id === agentId)
  const checks = state.checks?.find((each) => each.agent_id === agentId)?.checks ?? []
  return fillTemplate(prompts.candidate, {
    label,
    score: place?.score?.toFixed(2) ?? 'none',
    rubric_score: place?.rubric_score?.toFixed(2) ?? 'none',
    checks: checks.map((each) => `${each.check} ${each.status}`).join(', ') || 'none',
    requirements:
      place?.requirements.map((each) => `${each.requirement_id} met by ${each.met} of ${each.judged}`).join(', ') || 'none',
  })
}

function critiqueText({ criteria, strengths, problems }: Critique): string {
  return [
    ...criteria.map((each) => `${each.name}: ${each.score.toFixed(1)}. ${each.comment}`),
    ...strengths.map((each) => `Strength: ${each}`),
    ...problems.map(
      (each) => `${each.id} (${each.severity}): ${each.text}${each.anchor === null ? '' : ` Quote: "${each.quote}"`}`,
    ),
  ].join('\n')
}

function brief({ spec }: RunState, order: CallOrder, prompts: PromptSet): string {
  const rubric = order.phase === 'select' ? (spec.architect_rubric ?? spec.rubric) : spec.rubric
  return fillTemplate(prompts.brief, {
    persona: callerOf(spec, order).persona ?? spec.persona,
    role_title: spec.role_title,
    rubric: rubric
      .map(({ name, weight, description }) => `- ${name} (${Math.round(weight * 100)} %)${description ? `: ${description}` : ''}`)
      .join('\n'),
    requirements: block(prompts.requirements, 'requirements', requirementLines(spec)),
  })
}

function attached(prompts: PromptSet, mark: string, files: readonly string[]): string {
  return files.length > 0 ? fillTemplate(prompts.attachments, { mark, attachments: files.join('\n\n') }) : ''
}

/** A part that is there only when it has lines. */
function block(template: string, name: string, lines: readonly string[]): string {
  return lines.length > 0 ? fillTemplate(template, { [name]: lines.join('\n') }) : ''
}

/** A mark that none of the texts holds, so that none can pretend to end where it does not. */
function markFor(seed: string, texts: readonly string[]): string {
  for (let n = 0; ; n += 1) {
    const mark = hash32(`${seed}.${n}`).toString(16).padStart(8, '0')
    if (!texts.some((text) => text.includes(mark))) return mark
  }
}
