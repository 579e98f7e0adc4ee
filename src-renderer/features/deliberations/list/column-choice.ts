import type { ChosenColumn } from '../../../../src-preload/contract/settings.ts'

interface Choosable {
  readonly id: string
  readonly width: number | null
  readonly usual?: true
  readonly wide?: boolean | undefined
}

/** The columns to show: those chosen, in that order, or the usual ones. A chosen column does not hide on small windows. */
export function shownColumns<C extends Choosable>(all: readonly C[], chosen: readonly ChosenColumn[]): readonly C[] {
  const shown = chosen.flatMap(({ id, width }) => {
    const column = all.find((one) => one.id === id)
    return column ? [{ ...column, width: width ?? column.width, wide: false }] : []
  })
  return shown.length > 0 ? shown : all.filter((column) => column.usual === true)
}

/** A choice to start from: what is shown now, written out. */
export function choiceOf(all: readonly Choosable[], chosen: readonly ChosenColumn[]): readonly ChosenColumn[] {
  return shownColumns(all, chosen).map(({ id }) => ({ id, width: chosen.find((one) => one.id === id)?.width ?? null }))
}

/** One column on or off; it comes in at the end. The last one stays. */
export function toggled(choice: readonly ChosenColumn[], id: string): readonly ChosenColumn[] {
  if (!choice.some((one) => one.id === id)) return [...choice, { id, width: null }]
  return choice.length === 1 ? choice : choice.filter((one) => one.id !== id)
}

export function moved(choice: readonly ChosenColumn[], id: string, by: -1 | 1): readonly ChosenColumn[] {
  const from = choice.findIndex((one) => one.id === id)
  const to = from + by
  const column = choice[from]
  if (column === undefined || to < 0 || to >= choice.length) return choice
  return choice.toSpliced(from, 1).toSpliced(to, 0, column)
}

export function widened(choice: readonly ChosenColumn[], id: string, width: number | null): readonly ChosenColumn[] {
  return choice.map((one) => (one.id === id ? { id, width } : one))
}
