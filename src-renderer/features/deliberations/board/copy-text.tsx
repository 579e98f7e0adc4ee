import { CopyButton } from '@mantine/core'
import { Button } from '../../../ui/button.tsx'

/** Copies a whole text as it was written. */
export function CopyText({ text }: { text: string }) {
  return (
    <CopyButton value={text}>
      {({ copied, copy }) => (
        <Button size="sm" variant="quiet" icon={copied ? 'check' : 'copy'} onClick={copy}>
          {copied ? 'Copied' : 'Copy'}
        </Button>
      )}
    </CopyButton>
  )
}
