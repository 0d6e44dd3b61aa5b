// What our side may send on a media stream, decoded strictly
// (twilio.com/docs/voice/media-streams/websocket-messages#send-websocket-messages-to-twilio).

export type StreamMessage =
  | { readonly kind: 'media'; readonly audio: Buffer }
  | { readonly kind: 'mark'; readonly name: string }
  | { readonly kind: 'clear' }
  | { readonly kind: 'invalid'; readonly code: 31924 | 31951; readonly why: string }

const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/

const invalid = (why: string): StreamMessage => ({ kind: 'invalid', code: 31951, why })

export function decodeStreamMessage(text: string, streamSid: string): StreamMessage {
  const message = objectOf(text)
  if (message === undefined) return invalid('no JSON object')
  if (message['streamSid'] !== streamSid) return invalid('streamSid is not that of this stream')
  switch (message['event']) {
    case 'media':
      return mediaOf(fieldOf(message['media'], 'payload'))
    case 'mark': {
      const name = fieldOf(message['mark'], 'name')
      return typeof name === 'string' ? { kind: 'mark', name } : invalid('mark has no name')
    }
    case 'clear':
      return { kind: 'clear' }
    default:
      return invalid('there is no such event')
  }
}

function mediaOf(payload: unknown): StreamMessage {
  if (typeof payload !== 'string' || payload === '') return invalid('media has no payload')
  if (!BASE64.test(payload)) return invalid('the payload is not base64')
  const audio = Buffer.from(payload, 'base64')
  if (audio.toString('latin1', 0, 4) === 'RIFF') return invalid('the payload has a WAV header')
  return { kind: 'media', audio }
}

function objectOf(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return isObject(value) ? value : undefined
  } catch {
    return undefined // Said by the caller, in Twilio's words.
  }
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const fieldOf = (value: unknown, name: string): unknown =>
  isObject(value) ? value[name] : undefined
