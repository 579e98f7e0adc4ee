import { Banner } from '../../ui/banner.tsx'
import { Button } from '../../ui/button.tsx'

interface ChangedElsewhereProps {
  /** "This rule". */
  what: string
  onKeep: () => void
  onTake: () => void
}

/** Why a form with unsaved changes cannot be saved as it is: what it was made from is another one by now. */
export const changedElsewhere = 'It was changed elsewhere: keep yours or take theirs first.'

export function ChangedElsewhere({ what, onKeep, onTake }: ChangedElsewhereProps) {
  return (
    <Banner
      tone="warn"
      actions={
        <>
          <Button size="sm" onClick={onKeep}>
            Keep mine
          </Button>
          <Button size="sm" variant="quiet" onClick={onTake}>
            Take theirs
          </Button>
        </>
      }
    >
      {what} was changed elsewhere while you were writing. What you wrote is still here and not saved.
    </Banner>
  )
}
