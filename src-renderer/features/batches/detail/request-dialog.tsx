import { Modal } from '@mantine/core'
import { useEffect, useState } from 'react'
import type { RequestRow } from '../../../../src-preload/contract/batch.ts'
import { useHost } from '../../../lib/console.tsx'
import { messageOf } from '../../../lib/failure.ts'
import * as format from '../../../lib/format.ts'
import { Absent } from '../../../ui/absent.tsx'
import { Id } from '../../../ui/id.tsx'
import { KeyValue } from '../../../ui/key-value.tsx'
import { SectionTitle } from '../../../ui/panel.tsx'

type Texts = { readonly input: string; readonly output: string | null } | { readonly failure: string } | null

/** One request whole: what was sent and what came back. */
export function RequestDialog({ batchId, request, onClose }: { batchId: string; request: RequestRow; onClose: () => void }) {
  const host = useHost()
  const [texts, setTexts] = useState<Texts>(null)
  const { batch_id, n } = request.retried_in ?? { batch_id: batchId, n: request.n }
  useEffect(() => {
    const reading = new AbortController()
    host.batch.request({ batch_id, n }, reading.signal).then(
      ({ input, output }) => setTexts({ input: pretty(input), output: output === null ? null : pretty(output) }),
      (fault: unknown) => reading.signal.aborted || setTexts({ failure: messageOf(fault) }),
    )
    return () => reading.abort()
  }, [host, batch_id, n])
  const { status_code, tokens_in, tokens_out, latency_ms, attempts, error } = request
  return (
    <Modal opened onClose={onClose} title={request.custom_id} size="xl">
      <div className="stack gap-3">
        <KeyValue
          left
          items={[
            ['HTTP', status_code ?? <Absent key="none" reason="not answered" />],
            [
              'Tokens',
              tokens_in === null || tokens_out === null ? (
                <Absent key="none" reason="not answered" />
              ) : (
                `${format.integer(tokens_in)} in, ${format.integer(tokens_out)} out`
              ),
            ],
            [
              'Took',
              latency_ms === null ? (
                <Absent key="none" reason="not answered" />
              ) : (
                `${format.duration(latency_ms)}, ${format.counted(attempts, 'try', 'tries')}`
              ),
            ],
            ...(request.retried_in === undefined ? [] : [['Run again in', <Id key="retry" value={batch_id} />] as const]),
            ...(request.served_model === undefined ? [] : [['Answered by', request.served_model] as const]),
            ...(error
              ? [
                  [
                    'Error',
                    <span key="error" className="bad">
                      {error.code}: {error.message}
                    </span>,
                  ] as const,
                ]
              : []),
          ]}
        />
        {texts === null && <p className="t12 fg3">Reading it…</p>}
        {texts !== null && 'failure' in texts && <p className="t12 bad">{texts.failure}</p>}
        {texts !== null && 'input' in texts && (
          <>
            <Text title="Request" text={texts.input} />
            {texts.output !== null && <Text title="Answer" text={texts.output} />}
          </>
        )}
      </div>
    </Modal>
  )
}

function Text({ title, text }: { title: string; text: string }) {
  return (
    <section>
      <SectionTitle>{title}</SectionTitle>
      <pre className="request-text" tabIndex={0} aria-label={title}>
        {text}
      </pre>
    </section>
  )
}

function pretty(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2)
  } catch {
    return text
  }
}
