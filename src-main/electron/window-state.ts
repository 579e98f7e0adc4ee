import { readFileSync, writeFileSync } from 'node:fs'
import * as z from 'zod'

const windowState = z.object({
  width: z.int().min(640).max(10_000),
  height: z.int().min(480).max(10_000),
  maximized: z.boolean(),
})
export type WindowState = z.infer<typeof windowState>

export const firstWindowState: WindowState = { width: 1440, height: 900, maximized: false }

/** How the window was left; a missing or damaged file means the first size. */
export function readWindowState(file: string): WindowState {
  try {
    return windowState.parse(JSON.parse(readFileSync(file, 'utf8')))
  } catch {
    return firstWindowState
  }
}

export function writeWindowState(file: string, state: WindowState): void {
  writeFileSync(file, JSON.stringify(state))
}
