import type { ModelsView } from '../../../src-preload/contract/model.ts'
import { bytes, counted, percent } from '../../lib/format.ts'
import { Meter } from '../../ui/meter.tsx'
import { Panel } from '../../ui/panel.tsx'

/** What this machine has, and how much of it is taken. */
export function MachinePanel({ view: { machine, disk, catalogue } }: { view: ModelsView }) {
  const used = machine.memory_bytes - machine.free_memory_bytes
  const offered = catalogue.find((model) => model.recommended)
  return (
    <Panel title="This machine" note={counted(machine.cores, 'core')}>
      <div className="stack gap-3 t12">
        <div className="stack gap-1">
          <span className="row">
            <span className="fg2">Memory</span>
            <span className="push">
              <b className="med">{bytes(machine.free_memory_bytes)}</b>{' '}
              <span className="unit">free of {bytes(machine.memory_bytes)}</span>
            </span>
          </span>
          <Meter
            tall
            label={`${bytes(used)} of ${bytes(machine.memory_bytes)} memory in use`}
            parts={[
              { value: used },
              ...(offered !== undefined && !offered.loaded
                ? [{ value: Math.min(offered.fit.needs_bytes, machine.free_memory_bytes), tone: 'accent', soft: true } as const]
                : []),
            ]}
            max={machine.memory_bytes}
          />
          <span className="t11 fg3">
            {percent(used / Math.max(1, machine.memory_bytes))} in use
            {offered !== undefined &&
              !offered.loaded &&
              `; pale: what ${offered.name} would take, ${bytes(offered.fit.needs_bytes)}`}
          </span>
        </div>
        <div className="stack gap-1">
          <span className="row">
            <span className="fg2">Disk</span>
            <span className="push">
              <b className="med">{bytes(disk.models_bytes)}</b>{' '}
              <span className="unit">models, {bytes(disk.free_bytes)} free</span>
            </span>
          </span>
          <Meter
            tall
            label={`models take ${bytes(disk.models_bytes)}, ${bytes(disk.free_bytes)} is free`}
            parts={[{ value: disk.models_bytes }]}
            max={disk.models_bytes + disk.free_bytes}
          />
          <span className="t11 fg3">of the space that models and free disk share</span>
        </div>
      </div>
    </Panel>
  )
}
