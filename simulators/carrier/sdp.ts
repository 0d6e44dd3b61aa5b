// The little SDP a telephone needs: one G.711 stream, telephone-event where offered (RFC 8866, RFC 3264, RFC 3605).
import {
  COMFORT_NOISE_PAYLOAD_TYPE,
  payloadTypeOf,
  PCMA_PAYLOAD_TYPE,
  PCMU_PAYLOAD_TYPE,
  type PhoneCodec,
} from './telephone-codec.ts'
import type { HostPort } from './sip-address.ts'

export { PCMA_PAYLOAD_TYPE, PCMU_PAYLOAD_TYPE }

export type Direction = 'sendrecv' | 'sendonly' | 'recvonly' | 'inactive'

export interface RemoteAudio extends HostPort {
  readonly payloadTypes: readonly number[]
  readonly telephoneEvent: number | undefined
  readonly direction: Direction
  readonly rtcpPort: number
}

/** The first audio stream of a description; undefined when there is none. */
export function decodeSdp(body: string): RemoteAudio | undefined {
  const lines = body.split(/\r?\n/)
  const mediaAt = lines.findIndex((line) => line.startsWith('m=audio '))
  const media = /^m=audio (\d+) RTP\/AVP ([\d ]+)$/.exec(lines[mediaAt]?.trim() ?? '')
  if (!media) return undefined
  const nextAt = lines.findIndex((line, index) => index > mediaAt && line.startsWith('m='))
  const section = lines.slice(mediaAt, nextAt < 0 ? undefined : nextAt)
  const connection = [...section, ...lines.slice(0, mediaAt)].find((line) => line.startsWith('c='))
  const host = /^c=IN IP[46] (\S+)/.exec(connection ?? '')?.[1]
  if (host === undefined) return undefined
  const event = section.find((line) => /^a=rtpmap:\d+ telephone-event\/8000/i.test(line))
  const port = Number(media[1])
  return {
    host,
    port,
    payloadTypes: (media[2] ?? '').trim().split(/\s+/).map(Number),
    telephoneEvent: event ? Number(/^a=rtpmap:(\d+)/.exec(event)?.[1]) : undefined,
    direction: directionOf(section) ?? directionOf(lines.slice(0, mediaAt)) ?? 'sendrecv',
    rtcpPort: rtcpPortOf(section) ?? port + 1,
  }
}

function directionOf(lines: readonly string[]): Direction | undefined {
  for (const line of lines) {
    const match = /^a=(sendrecv|sendonly|recvonly|inactive)\s*$/.exec(line)
    if (match) return match[1] as Direction
  }
  return undefined
}

function rtcpPortOf(lines: readonly string[]): number | undefined {
  const port = lines.map((line) => /^a=rtcp:(\d+)/.exec(line)?.[1]).find((each) => each)
  return port === undefined ? undefined : Number(port)
}

export interface LocalAudio extends HostPort {
  readonly sessionId: number
  /** Counts up with each change (RFC 3264 §8). */
  readonly version: number
  /** In order of preference. */
  readonly codecs: readonly PhoneCodec[]
  readonly comfortNoise: boolean
  /** Undefined where the offer had none. */
  readonly telephoneEvent: number | undefined
  readonly packetMs: number
  readonly direction: Direction
}

export function encodeSdp(audio: LocalAudio): string {
  const event = audio.telephoneEvent
  const maps = audio.codecs.map((codec) => `${payloadTypeOf(codec)} ${codec}/8000`)
  if (audio.comfortNoise) maps.push(`${COMFORT_NOISE_PAYLOAD_TYPE} CN/8000`)
  if (event !== undefined) maps.push(`${event} telephone-event/8000`)
  const formats = maps.map((map) => map.split(' ')[0]).join(' ')
  return [
    'v=0',
    `o=carrier ${audio.sessionId} ${audio.version} IN IP4 ${audio.host}`,
    's=-',
    `c=IN IP4 ${audio.host}`,
    't=0 0',
    `m=audio ${audio.port} RTP/AVP ${formats}`,
    ...maps.map((map) => `a=rtpmap:${map}`),
    ...(event === undefined ? [] : [`a=fmtp:${event} 0-15`]),
    `a=ptime:${audio.packetMs}`,
    `a=${audio.direction}`,
    '',
  ].join('\r\n')
}
