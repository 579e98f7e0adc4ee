/** The scheme of deep links: `signalbox://<context>/<view>/<id>?<filter>`. */
export const linkScheme = 'signalbox'

const maxLength = 2_000

/** The page path that a deep link names; undefined for anything else. A link only says what to show, never what to do. */
export function pathOfLink(link: string): string | undefined {
  if (link.length > maxLength || !URL.canParse(link)) return undefined
  const { protocol, host, pathname, search, username, password, port } = new URL(link)
  if (protocol !== `${linkScheme}:` || username || password || port || !/^[\w.-]+$/.test(host)) return undefined
  return `/${host}${pathname === '/' ? '' : pathname}${search}`
}

/** The page path of the first deep link on a command line. */
export function pathInArguments(args: readonly string[]): string | undefined {
  for (const argument of args) {
    const path = pathOfLink(argument)
    if (path !== undefined) return path
  }
  return undefined
}

/** Whether a link of the page may be opened in the browser: plain https to a named host, nothing hidden in it. */
export function mayOpenOutside(link: string): boolean {
  if (link.length > maxLength || !URL.canParse(link)) return false
  const { protocol, hostname, username, password, port } = new URL(link)
  const isNamed = /^[a-z0-9-]+(\.[a-z0-9-]+)*\.[a-z][a-z0-9-]*$/i.test(hostname) && !hostname.endsWith('.localhost')
  return protocol === 'https:' && isNamed && !username && !password && !port
}
