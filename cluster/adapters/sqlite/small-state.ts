import type Database from 'better-sqlite3'
import { CorruptionError } from '../../ports/errors.ts'
import type { SmallState, StateEntry } from '../../ports/small-state.ts'
import { createChangeFeed } from '../local/change-feed.ts'
import { valueText } from '../local/value-text.ts'
import { reading } from './failures.ts'
import type { ContextSteps } from './writer-protocol.ts'
import type { Writer } from './writer.ts'

interface StateRow {
  readonly key: string
  readonly value: string
  readonly revision: number
}

/** Small state: writes go to the writer thread, reads are made here. */
export function createSqliteSmallState(writer: Writer<ContextSteps>, reader: Database.Database): SmallState {
  const feed = createChangeFeed()
  const one = reader.prepare<[string], StateRow>('select key, value, revision from state where key = ?')
  const underPrefix = reader.prepare<[{ prefix: string }], StateRow>(
    'select key, value, revision from state where key >= @prefix and key < @prefix || char(1114111) order by key',
  )

  const parse = ({ key, value, revision }: StateRow): StateEntry => {
    try {
      return { key, value: JSON.parse(value), revision }
    } catch (cause) {
      throw new CorruptionError(
        `The value of ${key} in ${reader.name} is damaged and cannot be read. Set it anew, or restore the file from a copy.`,
        {
          cause,
        },
      )
    }
  }

  return {
    get: (key) =>
      reading(reader, () => {
        const row = one.get(key)
        return row && parse(row)
      }),
    list: (prefix) => reading(reader, () => underPrefix.all({ prefix }).map(parse)),
    put: async (key, value, expected) => {
      const text = valueText(key, value)
      const result = await writer.call('put', { key, value: text, expected })
      if (result.kind === 'stored') feed.publish({ kind: 'put', entry: parse({ key, value: text, revision: result.revision }) })
      return result
    },
    remove: async (key) => {
      const isRemoved = await writer.call('remove', { key })
      if (isRemoved) feed.publish({ kind: 'removed', key })
      return isRemoved
    },
    watch: feed.watch,
  }
}
