// Hostile SDP straight into the decoder and the answerer: no exception, and nothing said that is not so.
import { isIP } from 'node:net'
import type { RemoteRtp } from '../../core/contracts/index.ts'
import { writeAnswer, writeOffer } from '../../gateway/sip/sdp/local-sdp.ts'
import { decodeRemoteSdp } from '../../gateway/sip/sdp/remote-sdp.ts'
import type { Random } from '../seeded-random.ts'
import { SDP } from '../party/write-message.ts'
import { tortureMessages } from './corpus.ts'
import { mutate, SDP_MUTATIONS } from './mutate.ts'

const OURS = { local: { address: '127.0.0.1', port: 20_000 }, sessionId: 7, version: 1 }
/** A parser that is not linear shows at the longest inputs; a busy machine may stop us for a while too. */
const SLOWEST_MS = 250

const CORPUS: [string, ...string[]] = [
  SDP,
  writeOffer(OURS),
  SDP.replace('c=IN IP4 127.0.0.1', 'c=IN IP6 ::1'),
  `${SDP}m=video 5000 RTP/AVP 99\r\na=rtpmap:99 H264/90000\r\n`,
  `${SDP}a=rtcp:5005 IN IP4 127.0.0.1\r\na=rtcp-mux\r\na=ptime:30\r\na=maxptime:150\r\n`,
  `${SDP}m=audio 5000 RTP/AVPF 9 96 8 13 97\r\na=rtpmap:96 pcmu/8000/1\r\na=rtpmap:97 telephone-event/8000\r\na=fmtp:97 0-15\r\n`,
  ...tortureMessages().flatMap((message) => /\r\n\r\n(v=[^]*)/.exec(message)?.[1] ?? []),
]

export const nextSdp = (random: Random): string =>
  mutate(random.pick(CORPUS), random, SDP_MUTATIONS)

/** What is wrong with the way this SDP is taken; undefined: nothing. */
export function judgeSdp(sdp: string): { readonly kind: string; readonly problem?: string } {
  const startedAt = performance.now()
  try {
    const family = sdp.includes('IP6') ? 6 : 4
    const offer = decodeRemoteSdp(sdp, { family, role: 'offer', sourceAddress: '127.0.0.1' })
    const answer = decodeRemoteSdp(sdp, { family, role: 'answer' })
    if (offer.kind !== answer.kind) return wrong('of use as one and not as the other')
    if (offer.kind === 'unusable' || answer.kind === 'unusable')
      return slow(startedAt) ?? { kind: 'unusable' }
    const ours = writeAnswer(OURS, sdp)
    const problem =
      judgeRtp(offer.rtp, family) ??
      judgeRtp(answer.rtp, family) ??
      judgeAnswer(sdp, ours) ??
      judgeReading(ours, offer.rtp) ??
      judgeLines('offer', sdp, writeOffer(OURS, ours))
    return problem === undefined ? (slow(startedAt) ?? { kind: 'audio' }) : wrong(problem)
  } catch (error) {
    return wrong(error instanceof Error ? (error.stack ?? error.message) : String(error))
  }
}

const wrong = (problem: string) => ({ kind: 'wrong', problem })

function slow(startedAt: number) {
  const tookMs = performance.now() - startedAt
  return tookMs > SLOWEST_MS ? wrong(`took ${tookMs.toFixed(0)} ms`) : undefined
}

function judgeRtp(rtp: RemoteRtp, family: number): string | undefined {
  const { address, port, rtcpPort, formats, telephoneEventType } = rtp
  if (isIP(address) !== family) return 'an address of no use'
  for (const each of [port, rtcpPort]) if (!isWithin(each, 1, 0xffff)) return `the port ${each}`
  const types = formats.map(({ payloadType }) => payloadType)
  if (telephoneEventType !== null) types.push(telephoneEventType)
  for (const type of types) if (!isWithin(type, 0, 127)) return `the payload type ${type}`
  if (new Set(types).size !== types.length) return `one number for two: ${types.join(' ')}`
  if (!formats.every(({ codec }) => ['PCMU', 'PCMA'].includes(codec))) return 'an unknown codec'
  return undefined
}

const isWithin = (value: number, least: number, most: number): boolean =>
  Number.isInteger(value) && value >= least && value <= most

/** RFC 3264 §6: as many media lines as the offer, in its order, of its kinds; ours is the one that is not refused. */
function judgeAnswer(offer: string, answer: string): string | undefined {
  const lines = judgeLines('answer', offer, answer)
  if (lines !== undefined) return lines
  if (/[^\x20-\x7e\r\n]/.test(answer.replaceAll(/^m=.*$/gm, ''))) return 'odd bytes in the answer'
  return undefined
}

function judgeLines(what: string, offer: string, ours: string): string | undefined {
  const offered = mediaLines(offer)
  const said = mediaLines(ours)
  if (said.length !== offered.length)
    return `${said.length} media lines in the ${what} for ${offered.length} offered`
  const kinds = (lines: readonly string[]): string =>
    lines.map((line) => line.slice(2).split(' ')[0]).join()
  if (kinds(said) !== kinds(offered)) return `${what}: ${kinds(said)} for ${kinds(offered)}`
  const accepted = said.filter((line) => !/^m=\S* +0 /.test(line))
  const isOurs = /^m=audio 20000 RTP\/AVPF? \d+(?: \d+)*$/.test(accepted[0] ?? '')
  return accepted.length === 1 && isOurs ? undefined : `${what}: ${accepted.join(' and ')}`
}

/** Whoever reads our answer as we read theirs hears what we said: the codec and the keys of the offer, by its numbers. */
function judgeReading(answer: string, offered: RemoteRtp): string | undefined {
  const read = decodeRemoteSdp(answer, { family: 4, role: 'offer' })
  if (read.kind === 'unusable') return `our answer is of no use: ${read.why}`
  const { formats, telephoneEventType } = read.rtp
  const same =
    formats.length === 1 &&
    formats[0].codec === offered.formats[0].codec &&
    formats[0].payloadType === offered.formats[0].payloadType &&
    telephoneEventType === offered.telephoneEventType
  return same ? undefined : 'our answer is not about the offer'
}

const mediaLines = (sdp: string): readonly string[] =>
  sdp.split(/\r\n|\r|\n/).filter((line) => line.startsWith('m='))
