import { access, readFile } from 'node:fs/promises'
import { extname, resolve, sep } from 'node:path'
import { noncePlaceholder, securityHeaders } from './security.ts'

const indexFile = 'index.html'

const contentTypes: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.ico': 'image/x-icon',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
  '.wasm': 'application/wasm',
  '.woff': 'font/woff',
  '.woff2': 'font/woff2',
}

/** Rejects, saying what to do, where the page has not been built. */
export async function checkPageDir(pageDir: string): Promise<void> {
  await access(resolve(pageDir, indexFile)).catch((cause: unknown) => {
    throw new Error(`The page is not built: there is no ${indexFile} in ${pageDir}. Run "npm run build".`, { cause })
  })
}

/** Routes of the page have no dot in their last part; files do. */
export function isPageRoute(path: string): boolean {
  return !path.slice(path.lastIndexOf('/')).includes('.') || path === `/${indexFile}`
}

/** The page's HTML with the nonce of this response. */
export async function indexHtml(pageDir: string, nonce: string): Promise<string> {
  return (await readFile(resolve(pageDir, indexFile), 'utf8')).replaceAll(noncePlaceholder, nonce)
}

/** Answers a request for the page without an HTTP server. */
export async function pageResponse(pageDir: string, request: { method: string; url: string }, nonce: string): Promise<Response> {
  const headers = securityHeaders(nonce)
  const answer = (status: number, body: string | Uint8Array<ArrayBuffer>, type = 'text/plain; charset=utf-8') =>
    new Response(body, { status, headers: { ...headers, 'content-type': type } })

  if (request.method !== 'GET') return answer(405, 'Only GET is answered here.')
  const { pathname } = new URL(request.url)
  if (isPageRoute(pathname)) return answer(200, await indexHtml(pageDir, nonce), contentTypes['.html'])
  const type = contentTypes[extname(pathname)]
  const file = fileWithin(pageDir, pathname)
  if (file === undefined || type === undefined) return answer(404, 'There is no such file.')
  try {
    return answer(200, await readFile(file), type)
  } catch {
    return answer(404, 'There is no such file.')
  }
}

/** The file that a URL path names, or undefined where it would lie outside the folder. */
function fileWithin(folder: string, urlPath: string): string | undefined {
  let path: string
  try {
    path = decodeURIComponent(urlPath)
  } catch {
    return undefined
  }
  if (path.includes('\0')) return undefined
  const file = resolve(folder, `.${path}`)
  return file.startsWith(resolve(folder) + sep) ? file : undefined
}
