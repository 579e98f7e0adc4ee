import { routes } from '../../../lib/routes.ts'

const PARAMETER = 'council'

/** The launch form, filled from a council. */
export function launchWith(councilId: string): string {
  return `${routes.launch}?${new URLSearchParams({ [PARAMETER]: councilId }).toString()}`
}

/** The council that an address of the launch form asks for. */
export function councilAskedFor(params: URLSearchParams): string | null {
  return params.get(PARAMETER)
}
