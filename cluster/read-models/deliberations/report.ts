import type { BoardCritique, BoardVersion, DeliberationBoard } from '../../messages/deliberation-views.ts'

/** A run as a report to be read: task, council, rounds, critiques, revisions, checks, scores, ranking, outcome, costs. */
export function reportOf(board: DeliberationBoard): string {
  return [
    head(board),
    task(board),
    council(board),
    result(board),
    outcome(board),
    ranking(board),
    baseline(board),
    ...board.spec.agents.map((agent) => proposal(board, agent.agent_id)),
    failures(board),
    costs(board),
  ]
    .filter((section) => section !== '')
    .join('\n\n')
    .concat('\n')
}

function head({ row, spec }: DeliberationBoard): string {
  const facts = [
    ['Run', code(row.task_id)],
    ['Status', `${row.status}${row.partial ? ' (partial)' : ''}${row.message === '' ? '' : `: ${oneLine(row.message)}`}`],
    ['Started', time(row.created_at)],
    ['Ended', row.ended_at === null ? 'in motion' : `${time(row.ended_at)}, after ${seconds(row.ended_at - row.created_at)}`],
    ...(spec.rerun_of === null ? [] : [['Re-run of', code(spec.rerun_of)]]),
  ]
  return `# ${oneLine(row.title)}\n\n${facts.map(([name, value]) => `- ${name}: ${value}`).join('\n')}`
}

function task({ spec }: DeliberationBoard): string {
  const requirements = spec.requirements.map(({ id, text }) => `- ${id}: ${oneLine(text)}`)
  return [
    `## Task\n\n${fenced(spec.task)}`,
    ...(requirements.length > 0 ? [`Requirements:\n\n${requirements.join('\n')}`] : []),
  ].join('\n\n')
}

function council({ spec }: DeliberationBoard): string {
  const agents = [...spec.agents, ...(spec.architect ? [spec.architect] : [])]
  const rubric = spec.rubric.map(({ name, weight, description }) => [name, weight.toFixed(2), description ?? ''])
  const facts = [
    `Role ${oneLine(spec.role_title)}, ${spec.rounds} ${spec.rounds === 1 ? 'round' : 'rounds'}`,
    ...(spec.revision_by === 'critic' && spec.rounds > 0 ? ['critics rewrite what they criticised'] : []),
    `seed ${spec.seed}`,
    ...(spec.baseline ? [`baseline of ${spec.baseline.agents.length} samples`] : []),
    `peer scoring ${spec.peer_scoring ? 'on' : 'off'}`,
    spec.architect ? `the architect chooses among the top ${spec.architect_k}` : 'the best score wins',
    `prompts ${spec.prompts_version}`,
  ]
  return [
    `## Council\n\n${facts.join(', ')}.`,
    table(
      ['Agent', 'Model', 'Temperature', 'Tokens at most'],
      agents.map((agent) => [agent.agent_id, agent.label, String(agent.temperature), String(agent.max_tokens)]),
    ),
    table(['Criterion', 'Weight', 'Meaning'], rubric),
  ].join('\n\n')
}

function result(board: DeliberationBoard): string {
  const { selection } = board
  const winner = selection && latest(board, selection.agent_id)
  if (!selection || !winner) return '## Result\n\nNo proposal was chosen.'
  const by = selection.by === 'architect' ? 'the architect' : 'rank'
  const error =
    selection.architect_error === null ? '' : ` The architect gave no usable choice: ${oneLine(selection.architect_error)}`
  return `## Result\n\n**${selection.agent_id}**, chosen by ${by}. ${oneLine(selection.reason)}${error}\n\n${fenced(winner.content)}`
}

function outcome({ outcomes }: DeliberationBoard): string {
  const last = outcomes.at(-1)?.outcome
  if (!last) return '## Outcome\n\nNot judged yet.'
  const lines = outcomes.map(({ at, outcome: each }) => {
    const why = each.verdict === 'rejected' ? `: ${oneLine(each.reason)}` : ''
    return `- ${time(at)}: ${each.verdict} by ${oneLine(each.by)}, the text of ${each.agent_id}${each.rating === null ? '' : `, ${each.rating} of 5`}${why}`
  })
  const corrected = last.verdict === 'corrected' ? `\n\nThe answer as corrected:\n\n${fenced(last.correction)}` : ''
  return `## Outcome\n\n${lines.join('\n')}${corrected}`
}

function ranking({ ranking: places, agreement, position_bias, measures, spec }: DeliberationBoard): string {
  if (places.length === 0) return '## Ranking\n\nNothing was ranked.'
  const names = spec.rubric.map((criterion) => criterion.name)
  const rows = places.map((place) => [
    String(place.rank),
    place.agent_id,
    score(place.score),
    score(place.checks_score),
    score(place.rubric_score),
    ...names.map((name) => score(place.criteria.find((criterion) => criterion.name === name)?.score ?? null)),
  ])
  return [
    '## Ranking',
    table(['#', 'Agent', 'Score', 'Checks', 'Rubric', ...names], rows),
    `Agreement of the scorers: ${score(agreement)} (1: all rank alike). Position bias: ${score(position_bias)} (0: the order shown did not matter).`,
    textMeasures(measures),
  ].join('\n\n')
}

function textMeasures(measures: DeliberationBoard['measures']): string {
  if (measures?.relevance == null)
    return `Diversity and relevance were not measured: ${oneLine(measures?.reason ?? 'the run has not ended.')}`
  const { diversity, first_diversity, relevance, embedding_model, truncated, reason } = measures
  const cut = truncated === 0 ? '' : ` Texts read in part: ${truncated}.`
  const why = reason === null ? '' : ` ${oneLine(reason)}`
  return `Diversity of the texts: ${score(diversity)} (0: all alike), of the first proposals: ${score(first_diversity)}. Relevance to the task: ${score(relevance)} (mean cosine). Both by ${embedding_model}${readOf(measures)}.${cut}${why}`
}

function readOf({ tokens, counted, cost_micro_usd }: NonNullable<DeliberationBoard['measures']>): string {
  if (tokens === 0) return ''
  return counted
    ? `, which read ${tokens} tokens for ${dollars(cost_micro_usd)}`
    : `, which read ${tokens} tokens on this machine, free and in no total`
}

function baseline({ baseline: found, spec }: DeliberationBoard): string {
  if (!found) return ''
  const [first] = spec.baseline?.agents ?? []
  const rows = found.samples.map(({ sample_id, call, place }) => [
    place === null ? '–' : String(place.rank),
    sample_id,
    score(place?.score ?? null),
    score(place?.checks_score ?? null),
    score(place?.rubric_score ?? null),
    String(call.tokens_out ?? 0),
    call.status === 'failed' ? (call.error ?? 'failed') : call.status,
  ])
  const texts = found.samples.flatMap(({ sample_id, content }) => (content === null ? [] : [`### ${sample_id}`, fenced(content)]))
  return [
    '## Baseline',
    `${spec.baseline?.agents.length ?? 0} independent samples of ${first?.label ?? 'the first agent’s model'} without debate, scored blind among the texts above. They cannot win.`,
    found.comparison.statement,
    ...(rows.length > 0 ? [table(['#', 'Sample', 'Score', 'Checks', 'Rubric', 'Tokens out', 'Status'], rows)] : []),
    ...texts,
  ].join('\n\n')
}

function proposal(board: DeliberationBoard, agentId: string): string {
  const versions = board.versions.filter((version) => version.agent_id === agentId)
  if (versions.length === 0) return ''
  const place = board.ranking.find((each) => each.agent_id === agentId)
  const checks = board.checks.find((each) => each.agent_id === agentId)?.checks ?? []
  const reasons = (place?.criteria ?? []).flatMap(({ name, reasons: given }) =>
    given.map((each) => [name, each.scorer_id, score(each.score), each.reason]),
  )
  return [
    `## ${agentId}`,
    ...versions.flatMap((version) => rounds(board, version)),
    ...(checks.length > 0
      ? [
          '### Checks',
          table(
            ['Check', 'Status', 'Message'],
            checks.map((each) => [each.check, each.status, each.message]),
          ),
        ]
      : []),
    ...(reasons.length > 0 ? ['### Scores', table(['Criterion', 'Scorer', 'Score', 'Reason'], reasons)] : []),
  ].join('\n\n')
}

/** One text, the critique of it, and what its author answered in the next. */
function rounds(board: DeliberationBoard, version: BoardVersion): readonly string[] {
  const entry = board.critiques.find((each) => each.target_id === version.agent_id && each.version === version.round)
  return [
    `### ${version.round === 0 ? 'Proposal' : `Revision ${version.round}`}${version.by === version.agent_id ? '' : `, written by ${version.by}`}`,
    fenced(version.content),
    ...(entry ? [critique(board, entry)] : []),
  ]
}

function critique(board: DeliberationBoard, { critic_id, round, target_id, critique: given }: BoardCritique): string {
  const revision = board.versions.find((version) => version.agent_id === target_id && version.round === round)
  const problems = given.problems.map((problem) => {
    const answer = revision?.answers.find((each) => each.problem_id === problem.id)
    const became = answer ? `${answer.status}${answer.note === '' ? '' : `: ${oneLine(answer.note)}`}` : 'not stated'
    const quote =
      problem.quote === ''
        ? ''
        : ` (quotes “${oneLine(problem.quote)}”${problem.anchor === null ? ', not found in the text' : ''})`
    return `- ${problem.id}, ${problem.severity}: ${oneLine(problem.text)}${quote} → ${became}`
  })
  const marks = given.criteria.map(({ name, score: mark }) => `${name} ${score(mark)}`)
  return [
    `Critique by ${critic_id} in round ${round}: ${marks.join(', ') || 'no marks'}.`,
    ...(given.strengths.length > 0 ? [`Strengths: ${given.strengths.map(oneLine).join(' ')}`] : []),
    problems.length > 0 ? problems.join('\n') : 'No problems were named.',
  ].join('\n\n')
}

function failures({ calls }: DeliberationBoard): string {
  const failed = calls.filter((call) => call.status === 'failed')
  if (failed.length === 0) return ''
  const rows = failed.map((call) => [call.phase, String(call.round), call.agent_id, call.error_type ?? '', call.error ?? ''])
  return `## Failed calls\n\n${table(['Phase', 'Round', 'Agent', 'Kind', 'Cause'], rows)}`
}

function costs({ row, spec, calls, baseline, measures }: DeliberationBoard): string {
  const agents = [...spec.agents, ...(spec.architect ? [spec.architect] : [])]
  const sum = (of: readonly (number | null)[]): number => of.reduce<number>((total, each) => total + (each ?? 0), 0)
  const drawn = (baseline?.samples ?? []).map((sample) => sample.call)
  const callers = [
    ...agents.map(({ agent_id }) => ({ name: agent_id, own: calls.filter((call) => call.agent_id === agent_id) })),
    ...(drawn.length > 0 ? [{ name: 'samples of the baseline', own: drawn }] : []),
  ]
  const rows = callers.map(({ name, own }) => {
    return [
      name,
      String(own.length),
      String(sum(own.map((call) => call.tokens_in))),
      String(sum(own.map((call) => call.tokens_out))),
      dollars(sum(own.map((call) => call.cost_micro_usd))),
    ]
  })
  const called = sum([...calls, ...drawn].map((call) => call.tokens_in))
  const charged = sum([...calls, ...drawn].map((call) => call.cost_micro_usd))
  // Measures before further rounds are in the totals, too.
  if (measures?.counted) rows.push(['measures', '–', String(row.tokens_in - called), '0', dollars(row.cost_micro_usd - charged)])
  const total = [
    'All',
    String(calls.length + drawn.length),
    String(row.tokens_in),
    String(row.tokens_out),
    dollars(row.cost_micro_usd),
  ]
  return `## Costs\n\n${table(['Agent', 'Calls', 'Tokens in', 'Tokens out', 'Cost, settled'], [...rows, total])}`
}

function latest(board: DeliberationBoard, agentId: string): BoardVersion | undefined {
  return board.versions.filter((version) => version.agent_id === agentId).at(-1)
}

function table(names: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => oneLine(cell).replaceAll('|', '\\|')).join(' | ')} |`
  return [line(names), line(names.map(() => '---')), ...rows.map(line)].join('\n')
}

/** A model's text between fences that it does not contain, so that its own headings and fences stay text. */
function fenced(text: string): string {
  const longest = Math.max(2, ...[...text.matchAll(/`{3,}/g)].map(([ticks]) => ticks.length))
  const fence = '`'.repeat(longest + 1)
  return `${fence}markdown\n${text.trimEnd()}\n${fence}`
}

/** What people and models wrote, as text of one line: none of it is markup where the report is shown as HTML. */
const oneLine = (text: string): string =>
  text
    .replaceAll(/\s+/g, ' ')
    .trim()
    .replaceAll(/[\\`*[\]<]|(?<!\w)_|_(?!\w)/g, '\\$&')
const code = (text: string): string => `\`${text}\``
const score = (value: number | null): string => (value === null ? '–' : value.toFixed(2))
const dollars = (microUsd: number): string => `$${(microUsd / 1e6).toFixed(6)}`
const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`
const time = (at: number): string =>
  new Date(at)
    .toISOString()
    .replace('T', ' ')
    .replace(/\.\d+Z$/, ' UTC')
