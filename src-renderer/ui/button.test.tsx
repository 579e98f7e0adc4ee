import { MantineProvider } from '@mantine/core'
import { cleanup, render, screen } from '@testing-library/react'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { stubBrowser } from '../lib/test-console.tsx'
import { Button } from './button.tsx'

beforeEach(() => stubBrowser())
afterEach(() => {
  cleanup()
  vi.unstubAllGlobals()
})

it('keeps the focus when what kept it from being pressed is over, and when it comes back', () => {
  const shown = (reason?: string) => <Button reason={reason}>Submit</Button>
  const { rerender } = render(shown('The file is being read'), { wrapper: MantineProvider })
  const button = screen.getByRole('button', { name: 'Submit' })
  button.focus()
  rerender(shown())
  expect(document.activeElement).toBe(button)
  rerender(shown('The file was taken away'))
  expect(document.activeElement).toBe(button)
})
