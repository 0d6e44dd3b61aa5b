// Endpoints of webhooks at HeyGen (API v3, /v3/webhooks/endpoints, read autumn 2026). The secret is told once, to whoever
// makes one.
import { fieldsIn, idIn, rowsIn, textIn, type Fields } from '../requests/answer-fields.ts'
import { dataIn, type HeyGenRequests } from './heygen-requests.ts'

export interface ListedEndpoint {
  readonly endpointId: string
  readonly url: string
  readonly events: readonly string[]
  readonly isEnabled: boolean
}

export interface MadeEndpoint {
  readonly endpointId: string
  readonly secret: string
}

export interface HeyGenEndpoints {
  list(signal: AbortSignal): Promise<readonly ListedEndpoint[]>
  create(url: string, signal: AbortSignal): Promise<MadeEndpoint>
  /** Also where there is none. */
  remove(endpointId: string, signal: AbortSignal): Promise<void>
}

export const EVENTS = ['avatar_video.success', 'avatar_video.fail']
const PATH = '/v3/webhooks/endpoints'
const MOST_PAGES = 5

export function createHeyGenEndpoints(requests: HeyGenRequests): HeyGenEndpoints {
  async function page(token: string | null, signal: AbortSignal) {
    const query = new URLSearchParams({ limit: '100', ...(token === null ? {} : { token }) })
    const path = `${PATH}?${query.toString()}`
    const { body } = await requests.send({
      operation: 'list_webhooks',
      method: 'GET',
      path,
      signal,
    })
    const { data } = body
    const rows = Array.isArray(data) ? data : fieldsIn(data)['endpoints']
    if (!Array.isArray(rows)) throw requests.unreadable('list_webhooks')
    const next = textIn(body, 'next_token') ?? textIn(fieldsIn(data), 'next_token')
    return { endpoints: rowsIn(rows).flatMap((row) => decode(row) ?? []), next }
  }

  return {
    async list(signal) {
      const all: ListedEndpoint[] = []
      let token: string | null = null
      for (let pages = 0; pages < MOST_PAGES; pages += 1) {
        const { endpoints, next } = await page(token, signal)
        all.push(...endpoints)
        if (next === null) break
        token = next
      }
      return all
    },
    async create(url, signal) {
      const json = { url, events: EVENTS }
      const asked = { operation: 'create_webhook', method: 'POST', path: PATH } as const
      const data = dataIn(await requests.send({ ...asked, json, hidden: [url], signal }))
      const [endpointId, secret] = [idIn(data, 'endpoint_id'), textIn(data, 'secret')]
      if (endpointId === null || secret === null) throw requests.unreadable('create_webhook')
      return { endpointId, secret }
    },
    async remove(endpointId, signal) {
      const path = `${PATH}/${encodeURIComponent(endpointId)}`
      const asked = { operation: 'delete_webhook', method: 'DELETE', path } as const
      await requests.send({ ...asked, accepts: [404], signal })
    },
  }
}

function decode(row: Fields): ListedEndpoint | undefined {
  const [endpointId, url] = [idIn(row, 'endpoint_id') ?? idIn(row, 'id'), textIn(row, 'url')]
  if (endpointId === null || url === null) return undefined
  const { events } = row
  return {
    endpointId,
    url,
    events: Array.isArray(events) ? events.filter((one) => typeof one === 'string') : [],
    isEnabled: (textIn(row, 'status') ?? 'enabled') === 'enabled',
  }
}
