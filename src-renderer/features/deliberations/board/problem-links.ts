import type { FocusEvent, MouseEvent } from 'react'

/**
 * Handlers for an element that holds a text and the problems that were found in it: pointing at a problem, or moving the focus to it,
 * lights up what it quotes, and the other way round; pressing one leads to the other. Done in the document and not in React, because
 * no text is drawn again for it.
 */
export const problemLinks = {
  onMouseOver: (event: MouseEvent<HTMLElement>) => light(event.currentTarget, problemsAt(event.target)),
  onMouseLeave: (event: MouseEvent<HTMLElement>) => light(event.currentTarget, []),
  onFocus: (event: FocusEvent<HTMLElement>) => light(event.currentTarget, problemsAt(event.target)),
  onBlur: (event: FocusEvent<HTMLElement>) => light(event.currentTarget, []),
  onClick: (event: MouseEvent<HTMLElement>) => {
    const pressed = event.target instanceof Element ? event.target.closest('button[data-problem]') : null
    const [id] = problemsAt(pressed)
    if (pressed === null || id === undefined) return
    const other = [...event.currentTarget.querySelectorAll<HTMLElement>(`button[data-problem="${CSS.escape(id)}"]`)].find(
      (button) => button !== pressed,
    )
    other?.scrollIntoView({ block: 'nearest' })
    other?.focus({ preventScroll: true })
  },
}

function problemsAt(target: EventTarget | null): readonly string[] {
  const found = target instanceof Element ? target.closest<HTMLElement>('[data-problem]') : null
  return found?.dataset['problem']?.split(' ') ?? []
}

function light(scope: HTMLElement, ids: readonly string[]): void {
  for (const element of scope.querySelectorAll<HTMLElement>('[data-problem]')) {
    const own = element.dataset['problem']?.split(' ') ?? []
    element.classList.toggle(
      'linked',
      own.some((id) => ids.includes(id)),
    )
  }
}
