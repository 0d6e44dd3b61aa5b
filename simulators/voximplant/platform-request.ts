// A request to /platform_api: the command in the path or in `cmd`; query, urlencoded or multipart, or both.
import type { IncomingHttpHeaders } from 'node:http'
import { multipartFields } from './multipart.ts'

export interface HttpRequest {
  readonly method: string
  readonly url: URL
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
}

export interface PlatformRequest {
  readonly command: string | undefined
  readonly params: ReadonlyMap<string, string>
  readonly authorization: string | undefined
}

const PATH = /^\/platform_api(?:\/([^/]*))?\/?$/

/** Nothing, if it is for something else. */
export function readPlatformRequest(request: HttpRequest): PlatformRequest | undefined {
  const path = PATH.exec(request.url.pathname)
  if (path === null) return undefined
  const params = new Map([...request.url.searchParams, ...formOf(request)])
  const named = path[1] === undefined || path[1] === '' ? params.get('cmd') : path[1]
  params.delete('cmd')
  return {
    command: named === '' ? undefined : named,
    params,
    authorization: request.headers.authorization,
  }
}

function formOf({ method, headers, body }: HttpRequest): Iterable<[string, string]> {
  const type = headers['content-type'] ?? ''
  if (method !== 'POST') return []
  if (type.startsWith('multipart/form-data')) return multipartFields(body, type)
  if (type.startsWith('application/x-www-form-urlencoded'))
    return new URLSearchParams(body.toString('utf8'))
  return []
}
