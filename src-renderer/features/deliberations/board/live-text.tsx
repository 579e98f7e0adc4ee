import { useEffect, useRef } from 'react'
import './live-text.css'
import { useLiveTexts } from './live-context.ts'

/** Within this distance of the end the reader is taken to follow the text. */
const NEAR_END_PX = 24

/**
 * The text of a running call, written straight into the page once a frame. The scroll position stays where the reader
 * put it unless that is the end. Nothing is drawn while it is out of sight.
 */
export function LiveText({ callKey, label }: { callKey: string; label: string }) {
  const live = useLiveTexts()
  const scroller = useRef<HTMLDivElement>(null)
  const body = useRef<HTMLDivElement>(null)

  useEffect(() => {
    const box = scroller.current
    const target = body.current
    if (!box || !target) return
    let stop: (() => void) | undefined
    let following = true
    const follow = () => {
      const lines = lineWriter(target)
      lines.write(live.text(callKey), true)
      if (following) scrollToEnd(box)
      return live.followText(callKey, (text, reset) => {
        lines.write(text, reset)
        if (following) scrollToEnd(box)
      })
    }
    const show = () => {
      stop ??= follow()
    }
    const hide = () => {
      stop?.()
      stop = undefined
    }
    const watchScroll = () => {
      following = box.scrollHeight - box.scrollTop - box.clientHeight < NEAR_END_PX
    }
    box.addEventListener('scroll', watchScroll, { passive: true })
    const seen = new IntersectionObserver((entries) => (entries.at(-1)?.isIntersecting === true ? show() : hide()))
    seen.observe(box)
    return () => {
      box.removeEventListener('scroll', watchScroll)
      seen.disconnect()
      hide()
    }
  }, [live, callKey])

  return (
    <div ref={scroller} className="live-text" tabIndex={0} role="region" aria-label={label} aria-live="off">
      <div ref={body} className="live-lines" />
    </div>
  )
}

const toScroll = new Set<HTMLElement>()

/** Scrolls after every text of the frame is written, so that the frame is laid out once and not once a text. */
function scrollToEnd(box: HTMLElement): void {
  if (toScroll.size === 0) {
    queueMicrotask(() => {
      for (const each of toScroll) each.scrollTop = each.scrollHeight
      toScroll.clear()
    })
  }
  toScroll.add(box)
}

const LINES_PER_BLOCK = 32

/**
 * Appends text to an element as lines in blocks of lines, so that a new word lays out its own line and block and not
 * the whole text again.
 */
function lineWriter(target: HTMLElement): { write(text: string, reset: boolean): void } {
  let block: HTMLElement | null = null
  let line: Text | null = null
  const startLine = () => {
    if (block === null || block.childElementCount >= LINES_PER_BLOCK) {
      block = document.createElement('div')
      target.append(block)
    }
    const row = document.createElement('div')
    const text = document.createTextNode('')
    row.append(text)
    block.append(row)
    line = text
    return text
  }
  return {
    write(text, reset) {
      if (reset) {
        target.replaceChildren()
        block = null
        line = null
      }
      text.split('\n').forEach((part, at) => {
        const node = at > 0 || line === null ? startLine() : line
        node.appendData(part)
      })
    },
  }
}
