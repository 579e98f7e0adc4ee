import type { EngineView, ModelsView } from '../../../src-preload/contract/model.ts'
import { rate } from '../../lib/format.ts'
import { routes } from '../../lib/routes.ts'
import { engineState } from '../../lib/engine-words.ts'
import { EmptyState } from '../../ui/empty-state.tsx'
import { Shape } from '../../ui/icons.tsx'
import { Panel } from '../../ui/panel.tsx'
import { RouteLink } from '../../ui/route-link.tsx'

export function EngineStrip({ models, stale }: { models: ModelsView | null; stale: boolean }) {
  return (
    <Panel title="Engines" aside={<RouteLink to={routes.models}>Models &amp; engines</RouteLink>}>
      {models === null ? (
        <EmptyState title="The engines have not answered yet" />
      ) : (
        <ul className={stale ? 'stale-value' : undefined}>
          {models.engines.map((engine) => (
            <EngineRow key={engine.engine_id} engine={engine} />
          ))}
        </ul>
      )}
    </Panel>
  )
}

function EngineRow({ engine }: { engine: EngineView }) {
  const { word, tone, shape } = engineState(engine)
  return (
    <li className="engine-row">
      <Shape name={shape} tone={tone} />
      <span className="row">
        <span className="med cut">{engine.name}</span>
        <span className="fg3 nowrap">{word}</span>
      </span>
      <span className="num">
        {engine.running} of {engine.parallel}{' '}
        <span className="unit">running{engine.waiting > 0 && `, ${engine.waiting} waiting`}</span>
      </span>
      <span className="detail row t11 fg3">
        <span className="cut" title={engine.detail}>
          {engine.models.length > 0 ? engine.models.map((model) => model.label).join(', ') : engine.detail}
        </span>
        {engine.tokens_per_second !== null && <span className="push nowrap">{rate(engine.tokens_per_second)} tok/s</span>}
      </span>
    </li>
  )
}
