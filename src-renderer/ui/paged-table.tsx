import { useVirtualizer } from '@tanstack/react-virtual'
import {
  memo,
  useCallback,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
  type KeyboardEvent,
  type ReactNode,
  type RefObject,
} from 'react'
import './paged-table.css'
import './table.css'

export interface PagedColumn<T> {
  readonly id: string
  readonly header: string
  /** Of the header, where it is short. */
  readonly title?: string | undefined
  readonly cell: (row: T) => ReactNode
  /** Pixels; a column without a width takes what is left. */
  readonly width: number | null
  readonly num?: boolean | undefined
  readonly mono?: boolean | undefined
  readonly sortable?: boolean | undefined
  /** Goes where there is no room for all. */
  readonly wide?: boolean | undefined
}

export interface TableSort {
  readonly by: string
  readonly descending: boolean
}

interface PagedTableProps<T> {
  label: string
  columns: readonly PagedColumn<T>[]
  /** Places there are; of those not read yet `rowAt` gives undefined, and they are drawn as skeletons. Null: removed. */
  count: number
  rowAt: (place: number) => T | null | undefined
  keyOf: (row: T) => string
  /** What the checkbox of a row is called. */
  nameOf: (row: T) => string
  /** Which places are in the window, whenever that changes. */
  onSight: (first: number, last: number) => void
  sort: TableSort
  onSort: (columnId: string) => void
  isMarked: (key: string) => boolean
  /** `through`: every place between the last that was marked and this one too. */
  onMark: (place: number, through: boolean) => void
  marks: 'none' | 'some' | 'all'
  onMarkAll: () => void
  onOpen: (row: T) => void
  /** Drawn faded: what is shown is not so any more. */
  isFaded: (key: string) => boolean
  stale?: boolean | undefined
  /** Another value scrolls to the top. */
  epoch: string
  onTop?: ((atTop: boolean) => void) | undefined
}

const ROW_PX = 28
/** What a column without a width gets at least; the table then scrolls sideways. */
const REST_PX = 220
const MARK_PX = 36

type RowAct = 'focus' | 'open' | 'mark'

/** A table of any length: rows in sight are read as they come, marks belong to keys. Up, Down, Page, Home and End move, Space marks, Enter opens. */
export function PagedTable<T>(props: PagedTableProps<T>) {
  const { count, rowAt, keyOf, onSight, onTop, epoch } = props
  const scroller = useRef<HTMLDivElement>(null)
  const width = useWidth(scroller)
  const columns = useMemo(() => fitting(props.columns, width), [props.columns, width])
  const [active, setActive] = useState(0)
  const wantsFocus = useRef(false)
  const virtualizer = useVirtualizer({
    count,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_PX,
    overscan: 8,
    // A frame has one layout, after all that changed in it, not one in the middle of each event.
    useFlushSync: false,
    scrollPaddingStart: ROW_PX,
  })
  const items = virtualizer.getVirtualItems()
  const first = items[0]?.index ?? 0
  const last = items.at(-1)?.index ?? 0
  useLayoutEffect(() => onSight(first, last), [onSight, first, last])
  // Asking the scroller itself would make it lay the page out in the middle of every frame.
  const atTop = (virtualizer.range?.startIndex ?? 0) === 0
  useLayoutEffect(() => onTop?.(atTop), [onTop, atTop])
  useLayoutEffect(() => {
    if (scroller.current) scroller.current.scrollTop = 0
    setActive(0)
  }, [epoch])
  useLayoutEffect(() => {
    if (!wantsFocus.current) return
    const row = scroller.current?.querySelector<HTMLElement>(`tr[data-place="${active}"]`)
    if (!row) return
    wantsFocus.current = false
    row.focus({ preventScroll: true })
  }, [active, first, last])

  const act = (kind: RowAct, place: number, through: boolean): void => {
    const row = rowAt(place)
    if (kind === 'focus') setActive(place)
    else if (kind === 'mark') props.onMark(place, through)
    else if (row) props.onOpen(row)
  }
  // Rows keep the function they were drawn with; it must see what the table knows now.
  const latestAct = useRef(act)
  useLayoutEffect(() => void (latestAct.current = act))
  const actNow = useCallback<typeof act>((...args) => latestAct.current(...args), [])

  const go = (place: number) => {
    const next = Math.max(0, Math.min(count - 1, place))
    wantsFocus.current = true
    setActive(next)
    virtualizer.scrollToIndex(next, { align: 'auto' })
  }
  const keys = (event: KeyboardEvent<HTMLTableElement>) => {
    if (!(event.target instanceof HTMLTableRowElement)) return
    const page = Math.max(1, Math.floor((scroller.current?.clientHeight ?? 0) / ROW_PX) - 2)
    const steps: Readonly<Record<string, number>> = {
      ArrowDown: active + 1,
      ArrowUp: active - 1,
      PageDown: active + page,
      PageUp: active - page,
      Home: 0,
      End: count - 1,
    }
    const to = steps[event.key]
    const row = rowAt(active)
    if (to !== undefined) go(to)
    else if (event.key === 'Enter' && row) props.onOpen(row)
    else if (event.key === ' ') props.onMark(active, event.shiftKey || event.ctrlKey)
    else return
    event.preventDefault()
  }
  const before = items[0]?.start ?? 0
  const after = virtualizer.getTotalSize() - (items.at(-1)?.end ?? 0)
  const shownActive = active >= first && active <= last ? active : first
  return (
    <div ref={scroller} className="table-scroller">
      <table
        className="data-table paged"
        style={{ minWidth: neededPx(columns) }}
        aria-label={props.label}
        aria-rowcount={count + 1}
        onKeyDown={keys}
      >
        <Head {...props} columns={columns} />
        <tbody>
          {before > 0 && <Spacer height={before} span={columns.length + 1} />}
          {items.map(({ index }) => {
            const row = rowAt(index)
            const key = row ? keyOf(row) : `place-${index}`
            return (
              <Row
                key={key}
                place={index}
                row={row}
                columns={columns}
                name={row ? props.nameOf(row) : ''}
                focusable={index === shownActive}
                marked={row ? props.isMarked(key) : false}
                faded={props.stale === true || (row ? props.isFaded(key) : false)}
                act={actNow}
              />
            )
          })}
          {after > 0 && <Spacer height={after} span={columns.length + 1} />}
        </tbody>
      </table>
    </div>
  )
}

/** The width of what scrolls; 0 before it is laid out. */
function useWidth(element: RefObject<HTMLElement | null>): number {
  const [width, setWidth] = useState(0)
  useLayoutEffect(() => {
    const { current } = element
    if (!current) return
    const measure = () => setWidth(current.clientWidth)
    measure()
    const observer = new ResizeObserver(measure)
    observer.observe(current)
    return () => observer.disconnect()
  }, [element])
  return width
}

function neededPx(columns: readonly PagedColumn<never>[]): number {
  return columns.reduce((sum, { width }) => sum + (width ?? REST_PX), MARK_PX)
}

/** As many columns as have room: those that may go, go from the right. */
function fitting<C extends PagedColumn<never>>(columns: readonly C[], width: number): readonly C[] {
  const last = columns.findLast((column) => column.wide === true)
  if (width === 0 || last === undefined || neededPx(columns) <= width) return columns
  return fitting(
    columns.filter((column) => column !== last),
    width,
  )
}

function Spacer({ height, span }: { height: number; span: number }) {
  return (
    <tr aria-hidden="true" className="spacer">
      <td colSpan={span} style={{ height, padding: 0 }} />
    </tr>
  )
}

function Head<T>({ columns, sort, onSort, marks, onMarkAll, label }: PagedTableProps<T>) {
  return (
    <thead>
      <tr>
        <th scope="col" className="mark">
          <input
            type="checkbox"
            aria-label={`Mark all of ${label}`}
            checked={marks === 'all'}
            ref={(input) => {
              if (input) input.indeterminate = marks === 'some'
            }}
            onChange={onMarkAll}
          />
        </th>
        {columns.map((column) => {
          const sorted = sort.by === column.id ? (sort.descending ? 'descending' : 'ascending') : undefined
          return (
            <th
              key={column.id}
              scope="col"
              className={classOf(column)}
              style={column.width === null ? undefined : { width: column.width }}
              aria-sort={sorted}
              title={column.title}
            >
              {column.sortable === false ? (
                column.header
              ) : (
                <button type="button" className="sort-by" onClick={() => onSort(column.id)}>
                  {column.header}
                  {sorted !== undefined && <span className="sort">{sort.descending ? '↓' : '↑'}</span>}
                </button>
              )}
            </th>
          )
        })}
      </tr>
    </thead>
  )
}

interface RowProps<T> {
  place: number
  row: T | null | undefined
  columns: readonly PagedColumn<T>[]
  name: string
  focusable: boolean
  marked: boolean
  faded: boolean
  act: (kind: RowAct, place: number, through: boolean) => void
}

/** Drawn again only when what it shows has changed: scrolling draws the rows that come into sight, and no others. */
const Row = memo(PlainRow, (before, after) =>
  (['place', 'row', 'columns', 'name', 'focusable', 'marked', 'faded'] as const).every((name) => before[name] === after[name]),
) as typeof PlainRow

function PlainRow<T>({ place, row, columns, name, focusable, marked, faded, act }: RowProps<T>) {
  const classes = [marked ? 'selected' : '', faded ? 'dim' : '', row ? 'acts' : 'blank'].filter(Boolean).join(' ')
  return (
    <tr
      data-place={place}
      className={classes}
      aria-rowindex={place + 2}
      tabIndex={focusable ? 0 : -1}
      onFocus={(event) => event.target === event.currentTarget && act('focus', place, false)}
      onClick={() => act('open', place, false)}
    >
      <td className="mark" onClick={(event) => event.stopPropagation()}>
        {row && (
          <input
            type="checkbox"
            aria-label={`Mark ${name}`}
            tabIndex={-1}
            checked={marked}
            onChange={(event) => act('mark', place, event.nativeEvent instanceof MouseEvent && event.nativeEvent.shiftKey)}
          />
        )}
      </td>
      {row === null && (
        <td colSpan={columns.length} className="fg3">
          Removed
        </td>
      )}
      {row !== null &&
        columns.map((column) => (
          <td key={column.id} className={classOf(column)}>
            {row === undefined ? <span className="skeleton" /> : column.cell(row)}
          </td>
        ))}
    </tr>
  )
}

function classOf({ num, mono }: Pick<PagedColumn<never>, 'num' | 'mono'>): string | undefined {
  const names = [num === true && 'num', mono === true && 'mono'].filter(Boolean).join(' ')
  return names === '' ? undefined : names
}
