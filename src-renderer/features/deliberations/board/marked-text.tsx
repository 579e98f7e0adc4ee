import { memo, useMemo, type ReactNode } from 'react'
import Markdown, { type Components } from 'react-markdown'
import remarkGfm from 'remark-gfm'
import './marked-text.css'
import { markQuotes } from './quote-marks.ts'
import type { Quote } from './quotes.ts'

interface MarkedTextProps {
  text: string
  quotes?: readonly Quote[] | undefined
}

const none: readonly Quote[] = []

/**
 * A model's finished text as Markdown. Nothing in it can act: HTML is shown as text, pictures are not loaded and
 * addresses are not links.
 */
export const MarkedText = memo(function MarkedText({ text, quotes = none }: MarkedTextProps) {
  const plugins = useMemo(() => [remarkGfm, markQuotes(text, quotes)], [text, quotes])
  return (
    <div className="prose">
      <Markdown remarkPlugins={plugins} components={components} urlTransform={asWritten}>
        {text}
      </Markdown>
    </div>
  )
})

/** Addresses only ever become text here, so they are shown as the model wrote them. */
function asWritten(url: string): string {
  return url
}

const components: Components = {
  a: ({ href, children }) => <InertAddress address={href}>{children}</InertAddress>,
  img: ({ src, alt }) => (
    <InertAddress address={typeof src === 'string' ? src : undefined}>{`picture not loaded: ${alt ?? ''}`}</InertAddress>
  ),
  mark: ({ children, ...props }) => (
    <mark className="quoted" data-problem={problemOf(props)}>
      {children}
    </mark>
  ),
  data: ({ value, children }) => (
    <button
      type="button"
      className={`problem-mark ${String(value)}`}
      data-problem={typeof children === 'string' ? children : undefined}
    >
      {children}
    </button>
  ),
  // A page has one heading order; a model's headings are shown as strong lines instead of joining it.
  h1: Heading,
  h2: Heading,
  h3: Heading,
  h4: Heading,
  h5: Heading,
  h6: Heading,
  // Each block runs in the direction of its own first letters.
  p: ({ children }) => <p dir="auto">{children}</p>,
  li: ({ children }) => <li dir="auto">{children}</li>,
  blockquote: ({ children }) => <blockquote dir="auto">{children}</blockquote>,
  th: ({ children, style }) => (
    <th dir="auto" style={style}>
      {children}
    </th>
  ),
  td: ({ children, style }) => (
    <td dir="auto" style={style}>
      {children}
    </td>
  ),
  table: ({ children }) => (
    <div className="prose-table" tabIndex={0} role="group" aria-label="Table">
      <table>{children}</table>
    </div>
  ),
  input: ({ checked }) => (
    <span role="img" aria-label={checked === true ? 'done' : 'open'}>
      {checked === true ? '☑' : '☐'}
    </span>
  ),
  pre: ({ children }) => (
    <pre tabIndex={0} role="group" aria-label="Code" dir="ltr">
      {children}
    </pre>
  ),
}

function problemOf(props: object): string | undefined {
  return 'data-problem' in props && typeof props['data-problem'] === 'string' ? props['data-problem'] : undefined
}

function Heading({ children }: { children?: ReactNode }) {
  return (
    <p className="prose-heading" dir="auto">
      {children}
    </p>
  )
}

function InertAddress({ address, children }: { address: string | undefined; children?: ReactNode }) {
  if (children === address) return <span className="inert-address mono">{address}</span>
  return (
    <span className="inert-address">
      {children} <span className="mono">({address ?? 'no address'})</span>
    </span>
  )
}
