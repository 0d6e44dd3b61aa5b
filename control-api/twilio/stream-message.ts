// What Twilio Media Streams says, and what may be said to it: every message, as text frames of JSON
// (twilio.com/docs/voice/media-streams/websocket-messages, read autumn 2026). Its counters are numbers in strings.
import { decodeDtmfDigit, type DtmfDigit } from '#core/contracts'

export interface StreamStart {
  readonly streamSid: string
  readonly callSid: string
  readonly parameters: Readonly<Record<string, string>>
  /** µ-law, 8000 samples a second, mono. */
  readonly isTelephone: boolean
}

export type StreamMessage =
  | { readonly kind: 'connected' }
  | { readonly kind: 'start'; readonly start: StreamStart }
  | {
      readonly kind: 'media'
      /** Its buffer is its own: it may be transferred. */
      readonly ulaw: Uint8Array<ArrayBuffer>
      /** Milliseconds since the stream began. */
      readonly atMs: number
    }
  | { readonly kind: 'dtmf'; readonly digit: DtmfDigit }
  | { readonly kind: 'mark'; readonly name: string }
  | { readonly kind: 'stop' }
  /** Of a kind that is new, or of no use. */
  | { readonly kind: 'other' }
  | { readonly kind: 'malformed' }

const MALFORMED = { kind: 'malformed' } as const

export function decodeStreamMessage(text: string): StreamMessage {
  const message = fieldsOf(parse(text))
  switch (message?.['event']) {
    case 'connected':
      return { kind: 'connected' }
    case 'start':
      return decodeStart(fieldsOf(message['start']), message['streamSid'])
    case 'media':
      return decodeMedia(fieldsOf(message['media']))
    case 'dtmf': {
      const digit = fieldsOf(message['dtmf'])?.['digit']
      const decoded = typeof digit === 'string' ? decodeDtmfDigit(digit) : undefined
      return decoded === undefined ? MALFORMED : { kind: 'dtmf', digit: decoded }
    }
    case 'mark': {
      const name = fieldsOf(message['mark'])?.['name']
      return typeof name === 'string' ? { kind: 'mark', name } : MALFORMED
    }
    case 'stop':
      return { kind: 'stop' }
    default:
      return typeof message?.['event'] === 'string' ? { kind: 'other' } : MALFORMED
  }
}

type Fields = Readonly<Record<string, unknown>>

const SID = /^[\w-]{1,64}$/

function decodeStart(start: Fields | undefined, outer: unknown): StreamMessage {
  const streamSid = start?.['streamSid'] ?? outer
  const callSid = start?.['callSid']
  if (!isSid(streamSid) || !isSid(callSid)) return MALFORMED
  const format = fieldsOf(start?.['mediaFormat'])
  const isTelephone =
    format?.['encoding'] === 'audio/x-mulaw' && Number(format['sampleRate']) === 8000
  const said = Object.entries(fieldsOf(start?.['customParameters']) ?? {})
  const parameters = Object.fromEntries(
    said.flatMap(([name, value]) => (typeof value === 'string' ? [[name, value]] : [])),
  )
  return { kind: 'start', start: { streamSid, callSid, parameters, isTelephone } }
}

const isSid = (value: unknown): value is string => typeof value === 'string' && SID.test(value)

function decodeMedia(media: Fields | undefined): StreamMessage {
  const { payload, track = 'inbound', timestamp = '0' } = media ?? {}
  const atMs = Number(timestamp)
  if (typeof payload !== 'string' || track !== 'inbound' || !(atMs >= 0)) return MALFORMED
  // Not from Node's pool: what is transferred would take the pool with it.
  const bytes = new Uint8Array(new ArrayBuffer(Math.floor((payload.length * 3) / 4)))
  const length = Buffer.from(bytes.buffer).write(payload, 'base64')
  if (length === 0) return MALFORMED
  const ulaw = length === bytes.length ? bytes : new Uint8Array(bytes.buffer.slice(0, length))
  return { kind: 'media', ulaw, atMs }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // Said to be malformed, and counted.
    return undefined
  }
}

function fieldsOf(value: unknown): Fields | undefined {
  return typeof value === 'object' && value !== null ? (value as Fields) : undefined
}

/** The only three things that may be said; base64 needs no escaping. */
export const mediaMessage = (streamSid: string, ulaw: Uint8Array<ArrayBuffer>): string =>
  `{"event":"media","streamSid":"${streamSid}","media":{"payload":"${Buffer.from(
    ulaw.buffer,
    ulaw.byteOffset,
    ulaw.byteLength,
  ).toString('base64')}"}}`

export const markMessage = (streamSid: string, name: string): string =>
  JSON.stringify({ event: 'mark', streamSid, mark: { name } })

export const clearMessage = (streamSid: string): string =>
  `{"event":"clear","streamSid":"${streamSid}"}`
