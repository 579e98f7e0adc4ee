import type { Notice } from '../../src-preload/contract/system.ts'

/** Asks, once and on an operator's own action, whether notices may come through the desktop. */
export function askForDesktop(): void {
  if ('Notification' in window && Notification.permission === 'default') void Notification.requestPermission()
}

/** Says a notice through the desktop, for who looks elsewhere; without permission the toast and the bell have to do. */
export function tellDesktop({ id, title, body, link }: Notice): void {
  if (!('Notification' in window) || Notification.permission !== 'granted') return
  const shown = new Notification(title, { body, tag: id })
  shown.addEventListener('click', () => {
    window.focus()
    if (link === null) return
    window.history.pushState(null, '', link)
    window.dispatchEvent(new PopStateEvent('popstate'))
  })
}
