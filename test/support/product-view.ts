// The product as its users see it: the REST API, the history, the metrics page. The same for both harnesses.
import type { CallEventData } from '#core/contracts'
import { eventually } from './process.ts'

export interface CallView {
  readonly call_id: string
  readonly direction: 'inbound' | 'outbound'
  readonly from: string | null
  readonly to: string
  readonly status: string
  readonly outcome: string | null
  readonly termination: {
    readonly result: string
    readonly reason: string
    readonly by: string
    readonly sip_status: number | null
  } | null
  readonly answered_at: string | null
  readonly ended_at: string | null
  readonly agent: {
    readonly opened_at: string | null
    readonly closed_at: string | null
    readonly close_reason: string | null
    readonly sessions: number
    readonly open_ms_after_answer: number | null
  }
}

export interface TimelineItem {
  readonly at: string
  readonly type: keyof CallEventData
  readonly [field: string]: unknown
}

export interface StartedCall {
  readonly status: number
  readonly body: Record<string, unknown>
}

export class ProductView {
  readonly apiUrl: string
  readonly #key: string | undefined

  constructor(apiUrl: string, key?: string) {
    this.apiUrl = apiUrl
    this.#key = key
  }

  async request(path: string, init: RequestInit = {}): Promise<Response> {
    const headers = new Headers(init.headers)
    if (this.#key !== undefined) headers.set('Authorization', `Bearer ${this.#key}`)
    if (init.body) headers.set('Content-Type', 'application/json')
    const signal = AbortSignal.timeout(10_000)
    return fetch(`${this.apiUrl}${path}`, { ...init, headers, signal })
  }

  /** POST /api/calls/start, whatever comes of it. */
  async start(body: Readonly<Record<string, unknown>>): Promise<StartedCall> {
    const response = await this.request('/api/calls/start', {
      method: 'POST',
      body: JSON.stringify(body),
    })
    return { status: response.status, body: (await response.json()) as Record<string, unknown> }
  }

  /** Places a call that must be taken. */
  async place(number: string, more: Readonly<Record<string, unknown>> = {}): Promise<string> {
    const { status, body } = await this.start({ phone_number: number, ...more })
    if (status !== 202) throw new Error(`the call was not taken: ${JSON.stringify(body)}`)
    return String(body['call_id'])
  }

  async hangUp(callId: string): Promise<number> {
    return (await this.request(`/api/calls/${callId}/hangup`, { method: 'POST' })).status
  }

  async call(callId: string): Promise<CallView> {
    return (await (await this.request(`/api/calls/${callId}`)).json()) as CallView
  }

  async timeline(callId: string): Promise<readonly TimelineItem[]> {
    const response = await this.request(`/api/calls/${callId}/timeline`)
    return ((await response.json()) as { items: TimelineItem[] }).items
  }

  /** The whole history, newest first. */
  async history(): Promise<readonly CallView[]> {
    const calls: CallView[] = []
    for (let cursor: string | null = ''; cursor !== null;) {
      const after: string = cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`
      const response = await this.request(`/api/calls?limit=100${after}`)
      const page = (await response.json()) as { items: CallView[]; next_cursor: string | null }
      calls.push(...page.items)
      cursor = page.next_cursor
    }
    return calls
  }

  ended(callId: string, timeoutMs = 20_000): Promise<CallView> {
    return eventually('the end of the call', timeoutMs, async () => {
      const call = await this.call(callId)
      return call.status === 'ended' && call
    })
  }

  /** Until nothing is live; then the history. */
  allEnded(count: number, timeoutMs = 30_000): Promise<readonly CallView[]> {
    return eventually(`the end of ${count} calls`, timeoutMs, async () => {
      const calls = await this.history()
      return calls.length >= count && calls.every(({ status }) => status === 'ended') && calls
    })
  }

  /** Sum over all label sets whose text contains `labels`. */
  async metric(name: string, labels = ''): Promise<number> {
    const page = await (await this.request('/metrics')).text()
    return page
      .split('\n')
      .filter((line) => line.startsWith(`voicegate_${name}`) && line.includes(labels))
      .filter((line) => /^[a-z_]+(\{|\s)/.exec(line)?.[0].slice(0, -1) === `voicegate_${name}`)
      .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' '))), 0)
  }
}
