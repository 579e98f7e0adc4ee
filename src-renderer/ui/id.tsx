import { CopyButton, Tooltip } from '@mantine/core'
import './id.css'
import { Icon } from './icons.tsx'

/** An id in mono; a press copies it whole. */
export function Id({ value, shown = value }: { value: string; shown?: string | undefined }) {
  return (
    <CopyButton value={value}>
      {({ copied, copy }) => (
        <Tooltip label={copied ? 'Copied' : `Copy ${value}`}>
          <button type="button" className="copy-id mono" aria-label={`Copy id ${value}`} onClick={copy}>
            {shown}
            <Icon name={copied ? 'check' : 'copy'} />
          </button>
        </Tooltip>
      )}
    </CopyButton>
  )
}
