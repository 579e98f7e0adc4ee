import { NumberInput, Popover } from '@mantine/core'
import { useState } from 'react'
import type { ChosenColumn } from '../../../../src-preload/contract/settings.ts'
import { Button } from '../../../ui/button.tsx'
import { choiceOf, moved, shownColumns, toggled, widened } from './column-choice.ts'
import './column-chooser.css'
import type { RunColumn } from './list-columns.tsx'

interface ColumnChooserProps {
  all: readonly RunColumn[]
  chosen: readonly ChosenColumn[]
  onChange: (chosen: readonly ChosenColumn[]) => void
}

/** Which columns, in which order, how wide. */
export function ColumnChooser({ all, chosen, onChange }: ColumnChooserProps) {
  const [opened, setOpened] = useState(false)
  const choice = choiceOf(all, chosen)
  const ordered = [...shownColumns(all, choice), ...all.filter((column) => !choice.some((one) => one.id === column.id))]
  return (
    <Popover opened={opened} onChange={setOpened} position="bottom-end" trapFocus>
      <Popover.Target>
        <Button variant="quiet" size="sm" expanded={opened} onClick={() => setOpened(!opened)}>
          Columns {choice.length} of {all.length}
        </Button>
      </Popover.Target>
      <Popover.Dropdown>
        <div className="column-chooser" role="group" aria-label="Columns">
          {ordered.map((column) => {
            const at = choice.find((one) => one.id === column.id)
            return (
              <div key={column.id} className="column-choice">
                <label>
                  <input type="checkbox" checked={at !== undefined} onChange={() => onChange(toggled(choice, column.id))} />
                  {column.name}
                </label>
                {at !== undefined && (
                  <>
                    <NumberInput
                      aria-label={`Width of ${column.name}`}
                      size="xs"
                      hideControls
                      min={30}
                      max={1200}
                      clampBehavior="blur"
                      allowDecimal={false}
                      placeholder="auto"
                      suffix=" px"
                      value={at.width ?? ''}
                      onChange={(value) => {
                        if (value === '') onChange(widened(choice, column.id, null))
                        else if (typeof value === 'number' && value >= 30 && value <= 1200)
                          onChange(widened(choice, column.id, value))
                      }}
                    />
                    <Button
                      variant="quiet"
                      size="sm"
                      label={`${column.name} one to the left`}
                      onClick={() => onChange(moved(choice, column.id, -1))}
                    >
                      ↑
                    </Button>
                    <Button
                      variant="quiet"
                      size="sm"
                      label={`${column.name} one to the right`}
                      onClick={() => onChange(moved(choice, column.id, 1))}
                    >
                      ↓
                    </Button>
                  </>
                )}
              </div>
            )
          })}
          <div className="row">
            <span className="push" />
            <Button variant="quiet" size="sm" onClick={() => onChange([])}>
              The usual columns
            </Button>
          </div>
        </div>
      </Popover.Dropdown>
    </Popover>
  )
}
