// What a scenario asks for, read from the JSON of its context: anything may come.
import type { Detection, HttpOptions, VendorCallState, Wish } from './messages.ts'

type Fields = Readonly<Record<string, unknown>>

const LONGEST_REQUEST_SECONDS = 90
const DEFAULT_DETECTION_MS = 6500
const LONGEST_DETECTION_MS = 20_000

/** Null when it is nothing that the platform does. */
export function readWish(op: string, details: readonly unknown[]): Wish | null {
  const [first, second, third, fourth] = details
  switch (op) {
    case 'callPSTN': {
      const numbers = { number: text(second), callerid: text(third) }
      return { op, callId: text(first), ...numbers, detection: detection(fourth) }
    }
    case 'answer':
    case 'hangup':
    case 'startEarlyMedia':
    case 'record':
    case 'startPlayback':
    case 'stopPlayback':
      return { op, callId: text(first) }
    case 'reject':
      return { op, callId: text(first), code: number(second) }
    case 'say':
      return { op, callId: text(first), text: text(second) }
    case 'handleTones':
      return { op, callId: text(first), handle: second === true }
    case 'http':
      return { op, id: number(first), url: text(second), options: httpOptions(fields(third)) }
    case 'terminate':
      return { op }
    default:
      return readMediaWish(op, details)
  }
}

function readMediaWish(op: string, details: readonly unknown[]): Wish | null {
  const [first, second, third, fourth] = details
  switch (op) {
    case 'createAgent': {
      const ids = { id: number(first), clientId: number(second) }
      return { op, ...ids, parameters: fields(third), callStates: states(fourth) }
    }
    case 'agentSend':
      return { op, clientId: number(first), type: text(second), data: fields(third) }
    case 'agentClose':
    case 'agentClear':
      return { op, clientId: number(first) }
    case 'sendMedia':
    case 'stopMedia':
      return isUnit(first) && isUnit(second) ? { op, from: first, to: second } : null
    default:
      return null
  }
}

function httpOptions(given: Fields): HttpOptions {
  const { method, postData, headers, timeout } = given
  const seconds = typeof timeout === 'number' && timeout > 0 ? timeout : LONGEST_REQUEST_SECONDS
  const pairs = Object.entries(fields(headers)).map(([name, value]) => [name, String(value)])
  return {
    method: typeof method === 'string' ? method.toUpperCase() : 'GET',
    postData: typeof postData === 'string' ? postData : null,
    headers: Object.fromEntries(pairs) as Readonly<Record<string, string>>,
    timeoutSeconds: Math.min(seconds, LONGEST_REQUEST_SECONDS),
  }
}

function detection(value: unknown): Detection | null {
  const { id, timeoutMs } = fields(value)
  if (typeof id !== 'number') return null
  const wanted = typeof timeoutMs === 'number' ? timeoutMs : DEFAULT_DETECTION_MS
  return { id, timeoutMs: Math.min(wanted, LONGEST_DETECTION_MS) }
}

const states = (value: unknown): readonly VendorCallState[] =>
  Array.isArray(value) ? (value as readonly VendorCallState[]) : []

const isUnit = (value: unknown): value is string | number =>
  typeof value === 'string' || typeof value === 'number'

const text = (value: unknown): string => (typeof value === 'string' ? value : '')
const number = (value: unknown): number => (typeof value === 'number' ? value : Number.NaN)
const fields = (value: unknown): Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : {}
