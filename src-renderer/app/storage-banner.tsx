import { useState } from 'react'
import { useHost } from '../lib/console.tsx'
import { useSystem } from '../lib/shared-streams.tsx'
import { settingsRoute } from '../lib/routes.ts'
import { Banner } from '../ui/banner.tsx'
import { Button } from '../ui/button.tsx'
import { notifyFailure } from '../ui/notify.tsx'
import { RouteLink } from '../ui/route-link.tsx'

/** Stands above every page while the store is not whole: what is wrong, what still works, what to do. */
export function StorageBanner() {
  const storage = useSystem().value?.storage ?? []
  return storage.map(({ id, severity, title, detail, is_over }) => (
    <Banner
      key={id}
      tone={severity}
      actions={
        <>
          <RouteLink to={settingsRoute('diagnostics')}>Diagnostics</RouteLink>
          {is_over && <ReadButton id={id} />}
        </>
      }
    >
      <b>{title}.</b> {detail}
    </Banner>
  ))
}

function ReadButton({ id }: { id: string }) {
  const host = useHost()
  const [asked, setAsked] = useState(false)
  const acknowledge = () => {
    setAsked(true)
    host.settings.acknowledgeDamage({ id }).catch((fault: unknown) => {
      setAsked(false)
      notifyFailure('The notice was not put away', fault)
    })
  }
  return (
    <Button command size="sm" pending={asked} onClick={acknowledge}>
      I have read this
    </Button>
  )
}
