import Database from 'better-sqlite3'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openSqliteContext } from '../adapters/sqlite/context.ts'
import { systemClock } from '../adapters/system/clock.ts'
import type { EventEnvelope } from '../messages/envelope.ts'
import type { EventLog } from '../ports/event-log.ts'
import type { ModelFault, ReadModel } from '../read-models/engine/read-model.ts'
import { openReadModels } from '../read-models/engine/read-models.ts'
import { median, perSecond, timed } from './report.ts'
import type { Figure } from './report.ts'

const ROUNDS = 9
const BATCH_EVENTS = 100
const BATCHES = 40
const WRITERS = 4
const REBUILD_EVENTS = 50_000
const REBUILD_ROUNDS = 5

/** Durable appends a second against the same rows inserted by better-sqlite3 alone, and events a second folded in a rebuild. */
export async function benchLog(): Promise<readonly Figure[]> {
  const directory = await mkdtemp(join(tmpdir(), 'signalbox-bench-'))
  try {
    return [...(await benchAppends(directory)), await benchRebuild(directory)]
  } finally {
    await rm(directory, { recursive: true })
  }
}

async function benchAppends(directory: string): Promise<Figure[]> {
  const context = await openContext(join(directory, 'appends.db'))
  const raw = openRaw(join(directory, 'raw.db'), context.file)
  let subject = 0

  const appendBatches = async (count: number) => {
    for (let batch = 0; batch < count; batch++)
      await Promise.all(Array.from({ length: BATCH_EVENTS }, () => context.log.append(`run.${subject}`, 0, [sample(subject++)])))
  }
  const rounds = {
    raw: () => {
      for (let batch = 0; batch < BATCHES; batch++)
        raw.insert(
          Array.from({ length: BATCH_EVENTS }, (): [string, string] => [`run.${subject}`, JSON.stringify([sample(subject++)])]),
        )
    },
    oneWriter: () => appendBatches(BATCHES),
    writers: async () => {
      await Promise.all(Array.from({ length: WRITERS }, () => appendBatches(BATCHES / WRITERS)))
    },
  }
  const times: { raw: number; oneWriter: number; writers: number }[] = []
  for (let round = 0; round <= ROUNDS; round++) {
    const time = { raw: await timed(rounds.raw), oneWriter: await timed(rounds.oneWriter), writers: await timed(rounds.writers) }
    // The first round warms up.
    if (round > 0) times.push(time)
  }
  raw.close()
  await context.close()

  const rate = (ms: number) => perSecond(BATCHES * BATCH_EVENTS, ms)
  const baseline = rate(median(times.map((time) => time.raw)))
  const measured = (who: 'oneWriter' | 'writers') => ({
    bench: 'log',
    unit: 'events/s',
    value: rate(median(times.map((time) => time[who]))),
    baseline,
    ratio: median(times.map((time) => time.raw / time[who])),
  })
  const one = measured('oneWriter')
  const several = measured('writers')
  return [
    {
      ...several,
      metric: `durable appends, ${WRITERS} writers in batches of ${BATCH_EVENTS}`,
      bar: '≥ 5,000 events/s and ≥ 0.8 of raw better-sqlite3',
      ok: several.value >= 5_000 && several.ratio >= 0.8,
    },
    {
      ...one,
      metric: `durable appends, one writer that waits for each batch of ${BATCH_EVENTS}`,
      bar: '≥ 5,000 events/s',
      ok: one.value >= 5_000,
    },
  ]
}

async function benchRebuild(directory: string): Promise<Figure> {
  const context = await openContext(join(directory, 'rebuild.db'))
  for (let start = 0; start < REBUILD_EVENTS; start += 500)
    await Promise.all(
      Array.from({ length: 500 }, (_, index) => context.log.append(`run.${start + index}`, 0, [sample(start + index)])),
    )

  const times: { raw: number; ours: number }[] = []
  for (let round = 0; round <= REBUILD_ROUNDS; round++) {
    const raw = await timed(() => rebuildRaw(context.file, join(directory, `raw-${round}.db`)))
    const ours = await timed(() => rebuild(context.log, join(directory, `models-${round}.db`)))
    if (round > 0) times.push({ raw, ours })
  }
  await context.close()

  const value = perSecond(REBUILD_EVENTS, median(times.map((time) => time.ours)))
  return {
    bench: 'log',
    metric: 'events folded in a rebuild, one row each',
    value,
    unit: 'events/s',
    baseline: perSecond(REBUILD_EVENTS, median(times.map((time) => time.raw))),
    ratio: median(times.map((time) => time.raw / time.ours)),
    bar: '≥ 50,000 events/s',
    ok: value >= 50_000,
  }
}

async function rebuild(log: EventLog, file: string): Promise<void> {
  const stop = new AbortController()
  const onFault = ({ detail }: ModelFault) => {
    throw new Error(detail)
  }
  const models = openReadModels({ file, log, clock: systemClock, signal: stop.signal, onChanged: () => undefined, onFault })
  await models.start(answersModel).caughtUpWith(REBUILD_EVENTS)
  stop.abort()
  await models.stopped
}

/** The same rows by better-sqlite3 alone: read, JSON.parse, insert, without a check of what was read and without pauses. */
function rebuildRaw(from: string, to: string): void {
  const source = new Database(from, { readonly: true })
  const target = new Database(to)
  target.pragma('journal_mode = WAL')
  target.pragma('synchronous = NORMAL')
  target.exec(answersModel.tables((table) => table))
  const read = source.prepare<[number], { sequence: number; subject: string; events: string }>(
    'select sequence, subject, events from entries where sequence > ? order by sequence limit 512',
  )
  const insert = target.prepare<[string, string, number]>('insert or replace into answer values (?, ?, ?)')
  for (let last = 0; last < REBUILD_EVENTS;)
    target.transaction(() => {
      for (const { sequence, subject, events } of read.all(last)) {
        for (const { type, at } of JSON.parse(events) as EventEnvelope[]) insert.run(subject, type, at)
        last = sequence
      }
    })()
  source.close()
  target.close()
}

/** One simple row an event. */
const answersModel: ReadModel<undefined> = {
  name: 'answers',
  version: 1,
  tables: (t) =>
    `create table ${t('answer')} (subject text primary key, type text not null, at integer not null) strict, without rowid;`,
  fold: (db, t) => {
    const insert = db.prepare<[string, string, number]>(`insert or replace into ${t('answer')} values (?, ?, ?)`)
    return ({ type, at }, { subject }) => {
      insert.run(subject, type, at)
      return [subject]
    }
  },
  queries: () => undefined,
}

function openContext(file: string) {
  return openSqliteContext({ file, writerModule: new URL('../adapters/sqlite/writer-thread.ts', import.meta.url) })
}

/** A database of the same schema and settings, written on this thread. */
function openRaw(file: string, like: string) {
  const db = new Database(file)
  db.pragma('journal_mode = WAL')
  db.pragma('synchronous = FULL')
  db.prepare('attach ? as model').run(like)
  const statements = db.prepare<[], string>(`select sql from model.sqlite_schema where tbl_name = 'entries'`).pluck().all()
  db.exec('detach model')
  for (const sql of statements) db.exec(sql)
  const insert = db.prepare<[string, string]>('insert into entries (subject, events) values (?, ?)')
  return {
    insert: db.transaction((rows: readonly [string, string][]) => {
      for (const row of rows) insert.run(...row)
    }),
    close: () => db.close(),
  }
}

function sample(index: number): EventEnvelope {
  return {
    id: `00000000-0000-4000-8000-${String(index).padStart(12, '0')}`,
    type: 'deliberation.answered',
    at: 1_700_000_000_000 + index,
    actor: 'worker',
    tenant: 'local',
    schema: 1,
    data: { round: 1, phase: 'propose', agent_id: `agent-${index % 8}`, tokens_in: 812, tokens_out: 164, text: 'x'.repeat(200) },
  }
}
