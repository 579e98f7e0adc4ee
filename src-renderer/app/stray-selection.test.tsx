import { fireEvent, screen } from '@testing-library/react'
import { expect, it } from 'vitest'
import { useLocation } from 'wouter'
import { setUpPages } from '../lib/test-pages.tsx'
import { useNoStraySelection } from './stray-selection.ts'

const pages = setUpPages()

function TwoPages() {
  const [route, navigate] = useLocation()
  useNoStraySelection()
  return route === '/row' ? <p>the page of the row</p> : <button onClick={() => navigate('/row')}>a row</button>
}

it('A double click that opened a page with its first click marks nothing there; the next one does again', () => {
  pages.show(<TwoPages />)
  const row = screen.getByText('a row')
  expect(fireEvent.mouseDown(row, { detail: 1 })).toBe(true)
  fireEvent.click(row)
  const text = screen.getByText('the page of the row')
  // False: what the browser would do is prevented.
  expect(fireEvent.mouseDown(text, { detail: 2 })).toBe(false)
  expect(fireEvent.mouseDown(text, { detail: 1 })).toBe(true)
  expect(fireEvent.mouseDown(text, { detail: 2 })).toBe(true)
})
