import { afterEach, describe, expect, it, vi } from 'vitest'
import { askForDesktop, tellDesktop } from './desktop-notice.ts'

const notice = {
  id: 'n1',
  at: 1,
  severity: 'good' as const,
  title: 'Done',
  body: 'Retry policy',
  link: '/local/deliberations/dlb-1',
}

function stubDesktop(permission: NotificationPermission) {
  const shown: { title: string; click: () => void }[] = []
  const requestPermission = vi.fn(() => Promise.resolve(permission))
  class Desktop {
    static permission = permission
    static requestPermission = requestPermission
    readonly title: string
    constructor(title: string) {
      this.title = title
    }
    addEventListener(_type: string, click: () => void) {
      shown.push({ title: this.title, click })
    }
  }
  vi.stubGlobal('Notification', Desktop)
  return { shown, requestPermission }
}

afterEach(() => vi.unstubAllGlobals())

describe('a notice on the desktop', () => {
  it('is shown where the operator allowed it, and opens its page when clicked', () => {
    const { shown } = stubDesktop('granted')
    tellDesktop(notice)
    shown[0]?.click()
    expect([shown.map((one) => one.title), window.location.pathname]).toEqual([['Done'], '/local/deliberations/dlb-1'])
  })

  it.each(['denied', 'default'] as const)('is not shown while the permission is %s', (permission) => {
    const { shown } = stubDesktop(permission)
    tellDesktop(notice)
    expect(shown).toEqual([])
  })

  it('asks for permission once only', () => {
    expect(stubDesktop('default').requestPermission).not.toHaveBeenCalled()
    const undecided = stubDesktop('default')
    askForDesktop()
    expect(undecided.requestPermission).toHaveBeenCalledOnce()
    const decided = stubDesktop('denied')
    askForDesktop()
    expect(decided.requestPermission).not.toHaveBeenCalled()
  })
})
