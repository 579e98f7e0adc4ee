import { useCancelWindows } from '../lib/console.tsx'
import { useNow } from '../lib/clock.ts'
import { Banner } from '../ui/banner.tsx'
import { Button } from '../ui/button.tsx'

/** What was confirmed and is about to be done, above whichever page is open, until it is called off or its moment is over. */
export function CancelBanners() {
  const { waiting, callOff } = useCancelWindows()
  return waiting.map(({ id, title, until }) => (
    <Banner
      key={id}
      tone="warn"
      actions={
        <Button size="sm" icon="undo" onClick={() => callOff(id)}>
          Undo
        </Button>
      }
    >
      {title} in <SecondsTo until={until} />
    </Banner>
  ))
}

function SecondsTo({ until }: { until: number }) {
  const now = useNow(500)
  return <>{Math.max(0, Math.ceil((until - now) / 1000))}&nbsp;s</>
}
