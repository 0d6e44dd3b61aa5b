// A SIP message as one line of the ladder: who sent what, when, and what it says of the audio. No number is in it.
import { isIP } from 'node:net'
import type { SipMessage } from '#core/contracts'
import { maskedText } from '#core/telemetry'
import { causeInWords, phraseOf } from './sip-words.ts'

export interface LadderStep {
  /** Since the INVITE. */
  readonly offsetMs: number
  readonly by: 'voicegate' | 'carrier'
  /** Goes into files as well: no number, no address. */
  readonly what: string
  /** For the screen alone: where audio is to go. */
  readonly detail?: string
}

export function renderStep({ offsetMs, by, what, detail }: LadderStep): string {
  const arrow = by === 'voicegate' ? 'voicegate ──▶ carrier' : 'voicegate ◀── carrier'
  const said = detail === undefined ? what : `${what} (${detail})`
  return `${`+${Math.round(offsetMs)} ms`.padStart(10)}  ${arrow}  ${said}`
}

const REQUEST = /^([A-Z]{1,16}) \S+ SIP\/2\.0\r?$/m
const RESPONSE = /^SIP\/2\.0 (\d{3})(?: ([^\r\n]{0,80}))?/
const CSEQ = /^cseq[ \t]*:\s*(\d{1,10}) +([A-Z]{1,16})/im
const REASON = /^reason[ \t]*:\s*Q\.850[ \t]*;[^\r\n]{0,80}?cause=(\d{1,3})/im
const WARNING = /^warning[ \t]*:\s*\d{3} [^\s"]{1,255} "([^"\r\n]{1,120})"/im
const BRANCH = /^(?:via|v)[ \t]*:[^\r\n]{0,300}?branch=([^;,\s]{1,200})/im

/** The same for a message and its repetitions. */
export function identityOf({ direction, text }: SipMessage): string {
  const line = text.slice(0, text.indexOf('\r\n'))
  const branch = BRANCH.exec(text)?.[1] ?? ''
  return [direction, line, CSEQ.exec(text)?.[0] ?? '', branch].join(' ')
}

export function describeMessage(message: SipMessage, startedAt: number): LadderStep {
  const { at, direction, text } = message
  const by = direction === 'sent' ? 'voicegate' : 'carrier'
  const audio = describeAudio(text)
  const words = [firstLine(text), ...(audio ? [audio.what] : []), ...reasons(text)]
  return {
    offsetMs: at - startedAt,
    by,
    what: words.join(', '),
    ...(audio ? { detail: `audio to ${audio.where}` } : {}),
  }
}

function firstLine(text: string): string {
  const response = RESPONSE.exec(text)
  if (!response) return REQUEST.exec(text)?.[1] ?? 'a message that cannot be read'
  const [, status = '', theirs = ''] = response
  const method = CSEQ.exec(text)?.[2] ?? 'INVITE'
  const ours = phraseOf(Number(status))
  const phrase = ours ?? printable(theirs)
  const own =
    ours === undefined || sameWords(ours, theirs) || theirs === '' ? '' : ` “${printable(theirs)}”`
  return `${status} ${phrase}${own}${method === 'INVITE' ? '' : ` (to ${method})`}`
}

const sameWords = (ours: string, theirs: string): boolean =>
  ours.toLowerCase().startsWith(theirs.trim().toLowerCase())

function reasons(text: string): readonly string[] {
  const cause = REASON.exec(text)?.[1]
  const warning = WARNING.exec(text)?.[1]
  return [
    ...(cause === undefined ? [] : [causeInWords(Number(cause))]),
    ...(warning === undefined ? [] : [`warning “${printable(warning)}”`]),
  ]
}

/** Words of strangers: no escape sequence of theirs reaches the terminal, and no number. */
const printable = (text: string): string =>
  maskedText(text)
    .replaceAll(/[^\x20-\x7e\u00a0-\uffff]/g, '?')
    .replaceAll(/\d{5,}/g, '…')
    .trim()

interface AudioLine {
  readonly what: string
  readonly where: string
}

const STATIC_NAMES: Readonly<Record<string, string>> = {
  0: 'PCMU',
  3: 'GSM',
  4: 'G723',
  8: 'PCMA',
  9: 'G722',
  13: 'CN',
  18: 'G729',
}

/** Not to be understood, only to be told: gateway/sip/sdp reads it for the call. */
function describeAudio(text: string): AudioLine | undefined {
  const body = text.slice(text.indexOf('\r\n\r\n') + 4)
  const media = /^m=audio (\d{1,5}) (\S{1,40})((?: \d{1,3}){1,32})/m.exec(body)
  if (!media) return undefined
  const [whole, port = '', profile = '', types = ''] = media
  const own = body.slice(body.indexOf(whole))
  const address = (/^c=IN IP[46] ([\w.:]{2,45})/m.exec(own) ??
    /^c=IN IP[46] ([\w.:]{2,45})/m.exec(body))?.[1]
  const names = types
    .trim()
    .split(' ')
    .map(
      (type) =>
        new RegExp(`^a=rtpmap:${type} ([\\w.-]{1,32})`, 'm').exec(own)?.[1] ?? STATIC_NAMES[type],
    )
    .filter((name) => name !== undefined)
  const direction = /^a=(sendonly|recvonly|inactive)\r?$/m.exec(own)?.[1]
  const what = [
    `SDP: ${names.join(' ')}`,
    ...(address === undefined ? [] : [familyOf(address)]),
    ...(profile === 'RTP/AVP' ? [] : [profile]),
    ...(direction === undefined ? [] : [direction]),
  ]
  const host = address?.includes(':') === true ? `[${address}]` : (address ?? '?')
  return { what: what.join(' '), where: `${host}:${port}` }
}

/** What an address tells of who can reach it. */
export function familyOf(address: string): string {
  if (isIP(address) === 6) return /^(::1$|f[cd]|fe80)/i.test(address) ? 'local IPv6' : 'IPv6'
  if (/^127\./.test(address)) return 'loopback IPv4'
  const isPrivate =
    /^(10\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.|100\.(6[4-9]|[7-9]\d|1[01]\d|12[0-7])\.)/
  return isPrivate.test(address) ? 'private IPv4' : 'IPv4'
}
