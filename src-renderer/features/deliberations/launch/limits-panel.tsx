import { NumberInput, Switch } from '@mantine/core'
import type { ReactNode } from 'react'
import type { ModelsView } from '../../../../src-preload/contract/model.ts'
import * as format from '../../../lib/format.ts'
import { Panel } from '../../../ui/panel.tsx'
import { Segmented } from '../../../ui/segmented.tsx'
import type { EstimateReply } from '../shapes.ts'
import { ModelSelect } from './model-select.tsx'
import type { Draft } from './draft.ts'
import { messageAt, type FormField, type Refusal } from './form-fields.ts'

interface LimitsPanelProps {
  draft: Draft
  change: (patch: Partial<Draft>) => void
  models: ModelsView | null
  /** Key of the model of an architect for whom none was chosen. */
  architectUsual: string | null
  reply: EstimateReply | null
  refusal: Refusal | null
}

/** How the winner is found, and where the run stops. */
export function LimitsPanel({ draft, change, models, architectUsual, reply, refusal }: LimitsPanelProps) {
  const scoring = reply?.estimate.phases.find((phase) => phase.phase === 'score')?.calls
  const byArchitect = draft.selection === 'architect'
  const severalRounds = draft.rounds > 1 && draft.agents.length > 1
  const reviewed = draft.rounds > 0 && draft.agents.length > 1
  const alone = draft.agents.length < 2
  return (
    <Panel title="Selection and limits">
      <div className="options">
        <Switch
          checked={draft.peerScoring && !alone}
          disabled={alone}
          onChange={(event) => change({ peerScoring: event.currentTarget.checked })}
          label={
            <>
              Peer scoring{' '}
              <span className="fg3">
                {alone
                  ? 'needs two agents'
                  : draft.peerScoring
                    ? scoring === undefined
                      ? 'blind, in shuffled order'
                      : `+ ${format.counted(scoring, 'call')}`
                    : 'off: only checks score'}
              </span>
            </>
          }
        />
        <Switch
          checked={draft.revisionBy === 'critic' && reviewed}
          disabled={!reviewed}
          onChange={(event) => change({ revisionBy: event.currentTarget.checked ? 'critic' : 'author' })}
          label={
            <>
              Critics revise{' '}
              <span className="fg3">
                {!reviewed
                  ? 'needs two agents and a round'
                  : draft.revisionBy === 'critic'
                    ? 'the critic rewrites the text; it stays its author’s'
                    : 'off: authors rewrite their own text'}
              </span>
            </>
          }
        />
        <Switch
          checked={draft.consensusStop && severalRounds}
          disabled={!severalRounds}
          onChange={(event) => change({ consensusStop: event.currentTarget.checked })}
          label={
            <>
              Stop early{' '}
              <span className="fg3">{severalRounds ? 'no further round once one changed no text' : 'needs two rounds'}</span>
            </>
          }
        />
        <div className="row quorum cosine">
          <span className="t12 fg2 nowrap">or once texts agree at</span>
          <NumberInput
            aria-label="Mean cosine of the texts at which no further round is held"
            value={draft.consensusCosine ?? ''}
            placeholder="off"
            disabled={!severalRounds || !draft.consensusStop}
            min={0}
            max={1}
            step={0.01}
            decimalScale={3}
            clampBehavior="blur"
            onChange={(value) => change({ consensusCosine: typeof value === 'number' ? Math.max(0, Math.min(1, value)) : null })}
            error={messageAt(refusal, { part: 'consensusCosine' })}
          />
          <span className="t12 fg3 nowrap">mean cosine, 1 = the same; needs an embedding model</span>
        </div>
        <Switch
          checked={draft.baseline}
          onChange={(event) => change({ baseline: event.currentTarget.checked })}
          label={
            <>
              Baseline <span className="fg3">{draft.baseline ? baselineWords(reply) : BASELINE_OFF}</span>
            </>
          }
        />
        <div className="row quorum">
          <span className="t12 fg2 nowrap">A phase closes at</span>
          <NumberInput
            aria-label="Answers at which a phase closes"
            value={draft.quorum ?? ''}
            placeholder="all"
            disabled={alone}
            min={1}
            max={draft.agents.length}
            clampBehavior="strict"
            allowDecimal={false}
            onChange={(value) => change({ quorum: typeof value === 'number' ? value : null })}
            error={messageAt(refusal, { part: 'quorum' })}
          />
          <span className="t12 fg3 nowrap">of {format.counted(draft.agents.length, 'answer')}; later ones count for nothing</span>
        </div>
        <div className="row selection">
          <span className="t12 fg2">Winner</span>
          <Segmented
            label="How the winner is found"
            value={draft.selection}
            options={[
              { value: 'rank', label: 'By rank' },
              { value: 'architect', label: 'By an architect' },
            ]}
            onChange={(selection) => change({ selection })}
          />
          {byArchitect && (
            <>
              <span className="t12 fg2 nowrap">from the top</span>
              <NumberInput
                aria-label="Proposals that the architect sees"
                className="architect-k"
                value={draft.architectK}
                min={2}
                max={15}
                clampBehavior="strict"
                allowDecimal={false}
                onChange={(value) => typeof value === 'number' && change({ architectK: value })}
              />
              <ModelSelect
                label="Model of the architect"
                value={draft.architectModel}
                usual={architectUsual}
                models={models}
                onChange={(architectModel) => change({ architectModel })}
                error={messageAt(refusal, { part: 'architect' })}
              />
            </>
          )}
        </div>
      </div>
      <div className="grid-3">
        <Limit
          label="Length of a text"
          hint="tokens a proposal may have"
          placeholder="by role and model"
          value={draft.maxTokens}
          min={16}
          max={131_072}
          onChange={(maxTokens) => change({ maxTokens: maxTokens === null ? null : Math.round(maxTokens) })}
          error={messageAt(refusal, { part: 'maxTokens' })}
        />
        <Limit
          label="Time limit"
          hint="then what is in gets ranked"
          suffix=" s"
          placeholder={reply && draft.timeoutSeconds === null ? `${Math.round(reply.timeout_ms / 1000)} s` : 'by the estimate'}
          value={draft.timeoutSeconds}
          min={5}
          max={86_400}
          onChange={(timeoutSeconds) => change({ timeoutSeconds })}
          error={limitError(refusal, 'timeout_seconds')}
        />
        <Limit
          label="Tokens"
          hint="in and out, whole run"
          placeholder="no limit"
          value={draft.tokens}
          min={1}
          onChange={(tokens) => change({ tokens })}
          error={limitError(refusal, 'tokens')}
        />
        <Limit
          label="Cost"
          hint="whole run"
          prefix="$"
          decimals={4}
          placeholder="no limit"
          value={draft.costUsd}
          min={0}
          onChange={(costUsd) => change({ costUsd })}
          error={limitError(refusal, 'cost_micro_usd')}
        />
        <Limit
          label="Call timeout"
          hint="from the slot on"
          suffix=" s"
          placeholder="by the rate"
          value={draft.callTimeoutSeconds}
          min={1}
          max={3600}
          onChange={(callTimeoutSeconds) => change({ callTimeoutSeconds })}
          error={limitError(refusal, 'call_timeout_seconds')}
        />
        <Limit
          label="Tries per call"
          hint={draft.tries === 1 ? 'no retry' : `first + ${draft.tries - 1}`}
          value={draft.tries}
          min={1}
          max={6}
          onChange={(tries) => tries !== null && change({ tries: Math.round(tries) })}
          error={limitError(refusal, 'max_retries')}
        />
      </div>
    </Panel>
  )
}

const BASELINE_OFF = 'off: independent samples at about equal tokens would show what the debate gains'

/** What the samples cost; how many there are follows from the rest of the form. */
function baselineWords(reply: EstimateReply | null): string {
  const cost = reply?.estimate.baseline
  if (!cost) return 'independent samples at about equal tokens, scored blind with the rest'
  const tokens = format.tokens(cost.tokens_in + cost.tokens_out)
  return `+ ${format.counted(cost.calls, 'sample')}, ${tokens} tokens, ${format.cost(cost.cost_micro_usd)}; longer scoring`
}

function limitError(refusal: Refusal | null, name: Extract<FormField, { part: 'limit' }>['name']): string | undefined {
  return messageAt(refusal, { part: 'limit', name })
}

interface LimitProps {
  label: string
  hint: ReactNode
  value: number | null
  min: number
  max?: number | undefined
  prefix?: string | undefined
  suffix?: string | undefined
  decimals?: number | undefined
  placeholder?: string | undefined
  onChange: (value: number | null) => void
  error: string | undefined
}

function Limit({ label, hint, value, min, max, prefix, suffix, decimals = 0, placeholder, onChange, error }: LimitProps) {
  return (
    <NumberInput
      label={label}
      description={hint}
      inputWrapperOrder={['label', 'input', 'description', 'error']}
      value={value ?? ''}
      min={min}
      {...(max !== undefined && { max })}
      {...(prefix !== undefined && { prefix })}
      {...(suffix !== undefined && { suffix })}
      decimalScale={decimals}
      thousandSeparator=","
      placeholder={placeholder ?? ''}
      onChange={(next) => onChange(typeof next === 'number' ? next : null)}
      error={error}
    />
  )
}
