import { useVirtualizer } from '@tanstack/react-virtual'
import { useRef, type KeyboardEvent, type ReactNode } from 'react'
import './table.css'

export interface Column<T> {
  readonly id: string
  readonly header: ReactNode
  readonly cell: (row: T) => ReactNode
  /** A CSS width; columns without one share the rest. */
  readonly width?: string | undefined
  readonly num?: boolean | undefined
  readonly mono?: boolean | undefined
  /** Goes first when the page is under 1,100 px wide. */
  readonly wide?: boolean | undefined
  /** Has controls of its own: a press on it does not open the row. */
  readonly controls?: boolean | undefined
  readonly sort?: 'ascending' | 'descending' | undefined
}

interface DataTableProps<T> {
  label: string
  columns: readonly Column<T>[]
  rows: readonly T[]
  rowKey: (row: T) => string
  /** Enter or a double click; a plain click too unless `onSelect` is given. */
  onOpen?: ((row: T) => void) | undefined
  onSelect?: ((row: T) => void) | undefined
  selectedKey?: string | null | undefined
  /** The row that has come to be the one that keys act on: it, or something in it, has the focus or was pressed. */
  onActive?: ((row: T) => void) | undefined
  /** The source has gone quiet: rows stay, dimmed. */
  stale?: boolean | undefined
  /** Only the rows in sight become nodes; the table then scrolls by itself and needs a parent with a height. */
  virtual?: boolean | undefined
  tall?: boolean | undefined
}

/** Rows of 28 px (44 with `tall`). Up and Down move between them, Enter opens, the head stays in sight. */
export function DataTable<T>(props: DataTableProps<T>) {
  return props.virtual === true ? <VirtualTable {...props} /> : <PlainTable {...props} />
}

function PlainTable<T>(props: DataTableProps<T>) {
  return (
    <table
      className={props.tall === true ? 'data-table tall' : 'data-table'}
      aria-label={props.label}
      aria-rowcount={props.rows.length + 1}
    >
      <Head columns={props.columns} />
      <tbody>
        {props.rows.map((row, index) => (
          <Row key={props.rowKey(row)} row={row} index={index} table={props} />
        ))}
      </tbody>
    </table>
  )
}

function VirtualTable<T>(props: DataTableProps<T>) {
  const scroller = useRef<HTMLDivElement>(null)
  const virtualizer = useVirtualizer({
    count: props.rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => (props.tall === true ? 44 : 28),
    overscan: 12,
    getItemKey: (index) => {
      const row = props.rows[index]
      return row === undefined ? index : props.rowKey(row)
    },
  })
  const items = virtualizer.getVirtualItems()
  const before = items[0]?.start ?? 0
  const after = virtualizer.getTotalSize() - (items.at(-1)?.end ?? 0)
  return (
    <div ref={scroller} className="table-scroller">
      <table
        className={props.tall === true ? 'data-table tall' : 'data-table'}
        style={{ minWidth: leastPx(props.columns) }}
        aria-label={props.label}
        aria-rowcount={props.rows.length + 1}
      >
        <Head columns={props.columns} />
        <tbody>
          {before > 0 && <Spacer height={before} span={props.columns.length} />}
          {items.map((item) => {
            const row = props.rows[item.index]
            return row === undefined ? null : <Row key={item.key} row={row} index={item.index} table={props} />
          })}
          {after > 0 && <Spacer height={after} span={props.columns.length} />}
        </tbody>
      </table>
    </div>
  )
}

/** Less than this for columns that share the rest, and the table scrolls instead: where the text is enlarged they would vanish. */
const REST_PX = 180

function leastPx<T>(columns: readonly Column<T>[]): number {
  const always = columns.filter(({ wide }) => wide !== true)
  return always.reduce((sum, { width }) => sum + (width?.endsWith('px') ? Number.parseFloat(width) : REST_PX), 0)
}

function Spacer({ height, span }: { height: number; span: number }) {
  return (
    <tr aria-hidden="true" className="spacer">
      <td colSpan={span} style={{ height, padding: 0 }} />
    </tr>
  )
}

function Head<T>({ columns }: { columns: readonly Column<T>[] }) {
  return (
    <thead>
      <tr>
        {columns.map((column) => (
          <th
            key={column.id}
            scope="col"
            className={classes(column.num === true && 'num', column.wide === true && 'when-wide')}
            style={column.width === undefined ? undefined : { width: column.width }}
            aria-sort={column.sort}
          >
            {column.header}
            {column.sort !== undefined && <span className="sort">{column.sort === 'ascending' ? '↑' : '↓'}</span>}
          </th>
        ))}
      </tr>
    </thead>
  )
}

function Row<T>({ row, index, table }: { row: T; index: number; table: DataTableProps<T> }) {
  const { columns, rowKey, onOpen, onSelect, onActive, selectedKey, stale } = table
  const acts = onOpen !== undefined || onSelect !== undefined
  const selected = selectedKey !== undefined && selectedKey === rowKey(row)
  const keys = (event: KeyboardEvent<HTMLTableRowElement>) => {
    if (event.target !== event.currentTarget || event.altKey || event.ctrlKey || event.metaKey) return
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0
    if (step !== 0) {
      event.preventDefault()
      const next = step === 1 ? event.currentTarget.nextElementSibling : event.currentTarget.previousElementSibling
      if (next instanceof HTMLElement) next.focus()
    } else if (event.key === 'Enter') (onOpen ?? onSelect)?.(row)
    else if (event.key === ' ' && onSelect !== undefined) {
      event.preventDefault()
      onSelect(row)
    }
  }
  return (
    <tr
      className={classes(selected && 'selected', stale === true && 'dim', acts && 'acts')}
      aria-rowindex={index + 2}
      aria-current={selected || undefined}
      tabIndex={acts ? 0 : undefined}
      onFocus={onActive && (() => onActive(row))}
      onPointerDown={onActive && (() => onActive(row))}
      onKeyDown={acts ? keys : undefined}
      onClick={acts ? () => (onSelect ?? onOpen)?.(row) : undefined}
      onDoubleClick={onOpen === undefined ? undefined : () => onOpen(row)}
    >
      {columns.map((column) => (
        <td
          key={column.id}
          className={classes(column.num === true && 'num', column.mono === true && 'mono', column.wide === true && 'when-wide')}
          onClick={column.controls === true ? (event) => event.stopPropagation() : undefined}
          onDoubleClick={column.controls === true ? (event) => event.stopPropagation() : undefined}
        >
          {column.cell(row)}
        </td>
      ))}
    </tr>
  )
}

function classes(...names: readonly (string | false)[]): string | undefined {
  const kept = names.filter(Boolean).join(' ')
  return kept === '' ? undefined : kept
}
