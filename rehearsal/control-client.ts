// The product's REST API as its users meet it: HTTP on loopback, each answer decoded, each request with a deadline.
import type { CallFacts, MenuFacts, TerminationFacts } from './take.ts'

const REQUEST_TIMEOUT_MS = 5000

export interface StartCall {
  readonly phone_number: string
  readonly agent_id: string
  readonly ring_timeout_seconds?: number
}

/** A timeline item as it came: its time by the product's clock. */
export interface TimelineItem {
  readonly at: number
  readonly offsetMs: number
  readonly type: string
  readonly fields: Readonly<Record<string, unknown>>
}

export class ControlClient {
  readonly #url: string

  constructor(url: string) {
    this.#url = url
  }

  async start(body: StartCall): Promise<CallFacts> {
    return decodeCall(await this.#post('/api/calls/start', body))
  }

  async hangUp(callId: string): Promise<void> {
    await this.#post(`/api/calls/${callId}/hangup`, undefined)
  }

  async call(callId: string): Promise<CallFacts> {
    return decodeCall(await this.#get(`/api/calls/${callId}`))
  }

  async menu(callId: string): Promise<MenuFacts> {
    return decodeMenu(await this.#get(`/api/calls/${callId}/flow`))
  }

  /** The WAV; undefined while there is none. */
  async recording(callId: string): Promise<Buffer | undefined> {
    const signal = AbortSignal.timeout(REQUEST_TIMEOUT_MS)
    const response = await fetch(`${this.#url}/api/calls/${callId}/recording`, { signal })
    const body = Buffer.from(await response.arrayBuffer())
    return response.ok ? body : undefined
  }

  async inboundCalls(): Promise<readonly CallFacts[]> {
    return itemsOf(await this.#get('/api/calls?direction=inbound')).map(decodeCall)
  }

  async timeline(callId: string): Promise<readonly TimelineItem[]> {
    return itemsOf(await this.#get(`/api/calls/${callId}/timeline`)).map(decodeItem)
  }

  /** The sum of a metric's samples; null when it is not there. */
  async metric(name: string): Promise<number | null> {
    const response = await this.#fetch('/metrics', {})
    const samples = (await response.text())
      .split('\n')
      .filter((line) => line.startsWith(`${name} `) || line.startsWith(`${name}{`))
    if (samples.length === 0) return null
    return samples.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' '))), 0)
  }

  async #get(path: string): Promise<unknown> {
    return (await this.#fetch(path, {})).json()
  }

  async #post(path: string, body: unknown): Promise<unknown> {
    const content =
      body === undefined
        ? {}
        : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }
    return (await this.#fetch(path, { method: 'POST', ...content })).json()
  }

  async #fetch(path: string, init: RequestInit): Promise<Response> {
    const signal = AbortSignal.timeout(REQUEST_TIMEOUT_MS)
    const response = await fetch(`${this.#url}${path}`, { ...init, signal })
    if (response.ok) return response
    const [route = ''] = path.split('?')
    throw new Error(`${init.method ?? 'GET'} ${route} was answered ${response.status}`)
  }
}

type Fields = Readonly<Record<string, unknown>>

function fieldsOf(value: unknown): Fields {
  if (typeof value !== 'object' || value === null) throw new Error('a REST answer is no object')
  return { ...value }
}

const itemsOf = (value: unknown): readonly unknown[] => listOf(value, 'items')

function listOf(value: unknown, key: string): readonly unknown[] {
  const list = fieldsOf(value)[key]
  if (!Array.isArray(list)) throw new Error(`a REST answer has no ${key}`)
  return list
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '')
const textOrNull = (value: unknown): string | null => (typeof value === 'string' ? value : null)

function decodeCall(value: unknown): CallFacts {
  const call = fieldsOf(value)
  return {
    callId: textOf(call['call_id']),
    direction: textOf(call['direction']),
    from: textOrNull(call['from']),
    status: textOf(call['status']),
    outcome: textOrNull(call['outcome']),
    termination: call['termination'] === null ? null : decodeTermination(call['termination']),
    agentSessions: Number(fieldsOf(call['agent'])['sessions']),
  }
}

function decodeMenu(value: unknown): MenuFacts {
  const { consent } = fieldsOf(value)
  return {
    steps: listOf(value, 'steps').map((each) => {
      const { step, answer } = fieldsOf(each)
      return { step: textOf(step), answer: textOrNull(answer) }
    }),
    consentGiven: consent === null ? null : fieldsOf(consent)['given'] === true,
    orders: listOf(value, 'orders').map((order) => textOf(fieldsOf(order)['order_number'])),
  }
}

function decodeTermination(value: unknown): TerminationFacts {
  const { result, reason, by, sip_status: status } = fieldsOf(value)
  return {
    result: textOf(result),
    reason: textOf(reason),
    by: textOf(by),
    sipStatus: typeof status === 'number' ? status : null,
  }
}

function decodeItem(value: unknown): TimelineItem {
  const fields = fieldsOf(value)
  return {
    at: Date.parse(textOf(fields['at'])),
    offsetMs: Number(fields['offset_ms']),
    type: textOf(fields['type']),
    fields,
  }
}
