import { useId, type ReactNode } from 'react'
import './segmented.css'

interface SegmentedProps<T extends string> {
  label: string
  value: T
  options: readonly { readonly value: T; readonly label: ReactNode }[]
  onChange: (value: T) => void
}

/** A choice among few, all in sight. Arrow keys move it. */
export function Segmented<T extends string>({ label, value, options, onChange }: SegmentedProps<T>) {
  const name = useId()
  return (
    <span className="segmented" role="radiogroup" aria-label={label}>
      {options.map((option) => (
        <label key={option.value} className={option.value === value ? 'on' : undefined}>
          <input
            type="radio"
            name={name}
            className="sr"
            checked={option.value === value}
            onChange={() => onChange(option.value)}
          />
          {option.label}
        </label>
      ))}
    </span>
  )
}
