import { Popover } from '@mantine/core'
import { useEffect, useRef, useState } from 'react'
import type { Notice } from '../../src-preload/contract/system.ts'
import { useNotices, usePreferences } from '../lib/shared-streams.tsx'
import { tellDesktop } from '../lib/desktop-notice.ts'
import { useActions } from '../lib/use-actions.ts'
import { Button } from '../ui/button.tsx'
import { EmptyState } from '../ui/empty-state.tsx'
import { NoticeList } from '../ui/notice-list.tsx'
import { notify } from '../ui/notify.tsx'
import './notices.css'

const seenKey = 'signalbox.notices_seen'
/** More at once would hide the page; the bell has them all. */
const toastsAtOnce = 3

/** The bell: what happened, newest first, and how much of it is new. */
export function NoticesButton() {
  const known = useNotices()
  const notices = known ?? []
  const [opened, setOpened] = useState(false)
  const [seenAt, setSeenAt] = useState(() => Number(localStorage.getItem(seenKey) ?? 0))
  const unseen = notices.filter((notice) => notice.at > seenAt).length
  const toggle = (open: boolean) => {
    setOpened(open)
    const newest = notices[0]?.at
    if (!open || newest === undefined) return
    localStorage.setItem(seenKey, String(newest))
    setSeenAt(newest)
  }
  useToasts(known)
  useActions(
    [
      {
        id: 'notices.open',
        title: 'Show notices',
        group: 'Console',
        shortcut: 'shift+n',
        available: true,
        run: () => toggle(true),
      },
    ],
    'frame',
  )
  return (
    <Popover opened={opened} onChange={toggle} position="bottom-end" width={380} trapFocus returnFocus withRoles={false}>
      <Popover.Target>
        <span className="bell">
          <Button
            variant="quiet"
            icon="bell"
            label={unseen > 0 ? `Notices, ${unseen} new` : 'Notices'}
            expanded={opened}
            onClick={() => toggle(!opened)}
          />
          {unseen > 0 && (
            <span className="bell-count" aria-hidden="true">
              {unseen > 99 ? '99+' : unseen}
            </span>
          )}
        </span>
      </Popover.Target>
      <Popover.Dropdown className="notices" role="dialog" aria-label="Notices">
        {notices.length === 0 ? (
          <EmptyState title="No notices yet">
            Runs that end, engines that fail and models that arrive are told of here.
          </EmptyState>
        ) : (
          <NoticeList notices={notices} onFollow={() => toggle(false)} />
        )}
      </Popover.Dropdown>
    </Popover>
  )
}

/** Says each new notice once; what was there when the window opened is not news. */
function useToasts(notices: readonly Notice[] | null): void {
  const { preferences } = usePreferences()
  const toldUpTo = useRef<number | null>(null)
  useEffect(() => {
    if (notices === null) return
    const newest = notices[0]?.at ?? 0
    const told = toldUpTo.current
    toldUpTo.current = Math.max(told ?? 0, newest)
    if (told === null || !preferences.notify) return
    notices
      .filter((notice) => notice.at > told)
      .slice(0, toastsAtOnce)
      .forEach((notice) => {
        const { id, severity, title, body } = notice
        notify({ id, tone: severity, title, body })
        if (document.hidden) tellDesktop(notice)
      })
  }, [notices, preferences.notify])
}
