// The little SDP a telephone needs: one PCMU stream, telephone-event where offered (RFC 8866, RFC 3264).
import type { HostPort } from './sip-address.ts'

/** RFC 3551 §6. */
export const PCMU_PAYLOAD_TYPE = 0

export interface RemoteAudio extends HostPort {
  readonly payloadTypes: readonly number[]
  readonly telephoneEvent: number | undefined
  readonly direction: 'sendrecv' | 'sendonly' | 'recvonly' | 'inactive'
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
  return {
    host,
    port: Number(media[1]),
    payloadTypes: (media[2] ?? '').trim().split(/\s+/).map(Number),
    telephoneEvent: event ? Number(/^a=rtpmap:(\d+)/.exec(event)?.[1]) : undefined,
    direction: directionOf(section) ?? directionOf(lines.slice(0, mediaAt)) ?? 'sendrecv',
  }
}

function directionOf(lines: readonly string[]): RemoteAudio['direction'] | undefined {
  for (const line of lines) {
    const match = /^a=(sendrecv|sendonly|recvonly|inactive)\s*$/.exec(line)
    if (match) return match[1] as RemoteAudio['direction']
  }
  return undefined
}

export interface LocalAudio extends HostPort {
  readonly sessionId: number
  /** Undefined where the offer had none. */
  readonly telephoneEvent: number | undefined
}

export function encodeSdp(audio: LocalAudio): string {
  const event = audio.telephoneEvent
  const formats = event === undefined ? `${PCMU_PAYLOAD_TYPE}` : `${PCMU_PAYLOAD_TYPE} ${event}`
  return [
    'v=0',
    `o=carrier ${audio.sessionId} ${audio.sessionId} IN IP4 ${audio.host}`,
    's=-',
    `c=IN IP4 ${audio.host}`,
    't=0 0',
    `m=audio ${audio.port} RTP/AVP ${formats}`,
    `a=rtpmap:${PCMU_PAYLOAD_TYPE} PCMU/8000`,
    ...(event === undefined
      ? []
      : [`a=rtpmap:${event} telephone-event/8000`, `a=fmtp:${event} 0-15`]),
    'a=ptime:20',
    'a=sendrecv',
    '',
  ].join('\r\n')
}
