import { Textarea } from '@mantine/core'
import { useRef, useState } from 'react'
import { useHost } from '../../lib/console.tsx'
import { messageOf } from '../../lib/failure.ts'
import { counted } from '../../lib/format.ts'
import { Button } from '../../ui/button.tsx'
import { FindingList } from '../../ui/finding-list.tsx'
import { Shape } from '../../ui/icons.tsx'
import { Panel } from '../../ui/panel.tsx'
import { Segmented } from '../../ui/segmented.tsx'
import { ruleOf, sourceName, storedRule, type PolicyFields, type PolicyOutcome, type PolicyView } from './policy-fields.ts'

/** For a rule that has no name or message yet. */
const UNNAMED = 'new-rule'
const NO_MESSAGE = 'Breaks the new rule.'

type Trial = { readonly kind: 'done'; readonly result: PolicyOutcome } | { readonly kind: 'failed'; readonly reason: string }

interface PolicyTrialProps {
  fields: PolicyFields
  /** Why the rule being written cannot be applied. */
  fault: string | null
  others: readonly PolicyView[]
}

/** Holds a pasted text against the rule as it is written, alone or with the others that are on. */
export function PolicyTrial({ fields, fault, others }: PolicyTrialProps) {
  const host = useHost()
  const [content, setContent] = useState('')
  const [which, setWhich] = useState<'this' | 'all'>('this')
  const [trial, setTrial] = useState<Trial | null>(null)
  const [pending, setPending] = useState(false)
  const area = useRef<HTMLTextAreaElement>(null)
  const on = others.filter((each) => each.enabled).map(storedRule)
  const tryIt = async () => {
    setPending(true)
    try {
      const written = ruleOf(
        { ...fields, name: fields.name.trim() || UNNAMED, message: fields.message.trim() || NO_MESSAGE },
        true,
      )
      const { result } = await host.policy.test({ rules: which === 'this' ? [written] : [written, ...on], content })
      setTrial({ kind: 'done', result })
    } catch (refused) {
      setTrial({ kind: 'failed', reason: messageOf(refused) })
    } finally {
      setPending(false)
    }
  }
  return (
    <Panel title="Try it" note="nothing is kept of the text">
      <div className="stack gap-3">
        <Textarea
          ref={area}
          label="A proposal"
          placeholder="Paste a text with what the rule should find, or should not."
          classNames={{ input: 'policy-source' }}
          autosize
          minRows={4}
          maxRows={14}
          maxLength={200_000}
          spellCheck={false}
          value={content}
          onChange={(event) => {
            setContent(event.currentTarget.value)
            setTrial(null)
          }}
        />
        <div className="row">
          <Button pending={pending} reason={reasonOf(fields, fault, content)} onClick={() => void tryIt()}>
            Try it
          </Button>
          <Segmented
            label="Rules to try"
            value={which}
            options={[
              { value: 'this', label: 'This rule' },
              { value: 'all', label: `With the ${on.length} others that are on` },
            ]}
            onChange={(chosen) => {
              setWhich(chosen)
              setTrial(null)
            }}
          />
        </div>
        <div role="status">{trial && <Found trial={trial} onLine={(line) => selectLine(area.current, line)} />}</div>
      </div>
    </Panel>
  )
}

function reasonOf({ kind, source }: PolicyFields, fault: string | null, content: string): string | undefined {
  if (source.trim() === '') return `Write the ${sourceName(kind)} first.`
  if (fault !== null) return `The ${sourceName(kind)} cannot be used.`
  return content === '' ? 'Paste a text first.' : undefined
}

function Found({ trial, onLine }: { trial: Trial; onLine: (line: number) => void }) {
  if (trial.kind === 'failed')
    return (
      <p className="row top t12">
        <Shape name="bad" /> {trial.reason}
      </p>
    )
  const { status, message, details } = trial.result
  const found = details?.kind === 'policy' ? details : null
  const left = found === null ? 0 : found.violation_count - found.violations.length
  return (
    <>
      <p className="row top t12">
        <Shape name={status === 'passed' ? 'good' : status === 'failed' ? 'bad' : status === 'error' ? 'warn' : 'off'} />{' '}
        {message}
      </p>
      {found !== null && (
        <FindingList
          label="Where rules are broken"
          onLine={onLine}
          findings={found.violations.map(({ rule, severity, message: said, where }, at) => ({
            key: String(at),
            tone: severity === 'deny' ? 'bad' : 'warn',
            line: where.line,
            rule,
            message: said,
            place: where.path,
          }))}
        />
      )}
      {left > 0 && <p className="t12 fg3">{counted(left, 'more place', 'more places')} not listed.</p>}
    </>
  )
}

function selectLine(area: HTMLTextAreaElement | null, line: number): void {
  if (area === null) return
  const lines = area.value.split('\n')
  const start = lines.slice(0, line - 1).reduce((sum, each) => sum + each.length + 1, 0)
  area.focus()
  area.setSelectionRange(start, start + (lines[line - 1]?.length ?? 0))
}
