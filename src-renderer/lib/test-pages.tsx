import { cleanup } from '@testing-library/react'
import type { ReactNode } from 'react'
import { afterEach, beforeEach, vi } from 'vitest'
import { stubBrowser, testConsole, type TestAnswers } from './test-console.tsx'

/** For tests of parts of a page, called once at the top of the file: gives each test a browser, and takes all down after it. */
export function setUpPages() {
  const opened: ReturnType<typeof testConsole>[] = []
  beforeEach(() => stubBrowser())
  afterEach(() => {
    cleanup()
    opened.splice(0).forEach((console) => console.close())
    vi.unstubAllGlobals()
  })
  return {
    /** A host that answers so, with nothing shown yet. */
    host(answers: TestAnswers = {}) {
      const console = testConsole({ answers })
      opened.push(console)
      return console
    },
    /** Shows `page` over a host that answers so. */
    show(page: ReactNode, answers: TestAnswers = {}) {
      const console = this.host(answers)
      console.show(page)
      return console
    },
  }
}

/** A stream that says one thing and stays open. */
export async function* standing<T>(value: T, signal: AbortSignal): AsyncGenerator<T> {
  yield value
  await new Promise((resolve) => signal.addEventListener('abort', resolve))
}
