import { useEffect, useEffectEvent, useState } from 'react'

interface StoredForm {
  /** What the host has, as text that is equal where the content is. */
  readonly stored: string
  /** What the form holds, in the same way. */
  readonly written: string
  /** Puts into the form what the host has. */
  readonly adopt: () => void
  /** Leaves what is written, as a change of what the host has now. */
  readonly rebase: () => void
}

/**
 * A form over something that other windows may change too. It follows the host while nothing unsaved is in it; otherwise
 * `isChangedElsewhere` until the operator keeps what is written, or takes what the host has.
 */
export function useStoredForm({ stored, written, adopt, rebase }: StoredForm) {
  const [base, setBase] = useState(stored)
  const take = () => {
    adopt()
    setBase(stored)
  }
  const follow = useEffectEvent(() => {
    if (written === base || written === stored) take()
  })
  useEffect(() => {
    if (stored !== base) follow()
  }, [stored, base])
  return {
    isChangedElsewhere: stored !== base && written !== base && written !== stored,
    keepMine: () => {
      rebase()
      setBase(stored)
    },
    takeTheirs: take,
  }
}
