import Papa from 'papaparse'

export interface CsvTable {
  readonly columns: readonly string[]
  readonly rows: readonly Readonly<Record<string, string>>[]
}

export type CsvRead = { readonly kind: 'table'; readonly table: CsvTable } | { readonly kind: 'fault'; readonly message: string }

/** Reads CSV (or TSV, or with semicolons) whose first row names the columns. */
export function readCsv(text: string): CsvRead {
  const { data, errors, meta } = Papa.parse<Record<string, string>>(text, { header: true, skipEmptyLines: 'greedy' })
  // A file of one column has no separator to be found.
  const [fault] = errors.filter(({ code }) => code !== 'UndetectableDelimiter')
  if (fault) return { kind: 'fault', message: `Row ${(fault.row ?? 0) + 2}: ${fault.message}.` }
  const columns = (meta.fields ?? []).filter((column) => column !== '')
  if (columns.length === 0 || data.length === 0)
    return { kind: 'fault', message: 'There are no rows below the one that names the columns.' }
  return { kind: 'table', table: { columns, rows: data } }
}

export interface RequestTemplate {
  readonly model: string
  /** Empty: none is sent. */
  readonly system: string
  /** With `{{column}}` where a value of the row goes. */
  readonly prompt: string
  /** The column that names each request; null: `row-1`, `row-2`, … */
  readonly idColumn: string | null
  readonly maxTokens: number | null
  readonly temperature: number | null
}

const PLACE = /\{\{\s*([^{}]+?)\s*\}\}/g

/** What keeps a template from being filled in; null when nothing does. */
export function templateFault({ prompt, system, idColumn }: RequestTemplate, { columns, rows }: CsvTable): string | null {
  if (prompt.trim() === '') return 'The prompt is empty.'
  const named = [...`${system}\n${prompt}`.matchAll(PLACE)].map(([, name]) => name ?? '')
  const unknown = named.find((name) => !columns.includes(name))
  if (unknown !== undefined) return `There is no column “${unknown}”; there are ${columns.join(', ')}.`
  if (idColumn === null) return null
  const seen = new Map<string, number>()
  for (const [index, row] of rows.entries()) {
    const id = (row[idColumn] ?? '').trim()
    if (id === '') return `Row ${index + 2} has no ${idColumn}; each request needs its own.`
    const before = seen.get(id)
    if (before !== undefined) return `Rows ${before + 2} and ${index + 2} have the same ${idColumn}, “${id}”.`
    seen.set(id, index)
  }
  return null
}

/** One line of a batch file for each row. */
export function* requestLines(template: RequestTemplate, { rows }: CsvTable): Generator<string> {
  const fill = (text: string, row: Readonly<Record<string, string>>) => text.replace(PLACE, (_, name: string) => row[name] ?? '')
  for (const [index, row] of rows.entries()) {
    const system = fill(template.system, row)
    const body = {
      model: template.model,
      messages: [
        ...(system.trim() === '' ? [] : [{ role: 'system', content: system }]),
        { role: 'user', content: fill(template.prompt, row) },
      ],
      ...(template.maxTokens !== null && { max_tokens: template.maxTokens }),
      ...(template.temperature !== null && { temperature: template.temperature }),
    }
    const custom_id = template.idColumn === null ? `row-${index + 1}` : (row[template.idColumn] ?? '').trim()
    yield `${JSON.stringify({ custom_id, method: 'POST', url: '/v1/chat/completions', body })}\n`
  }
}
