// Hostile SDP straight into the decoder and the answerer: no exception, and nothing said that is not so.
import { isIP } from 'node:net'
import { decodeRemoteSdp, writeAnswer, writeOffer } from '../../gateway/sip/sdp.ts'
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
  ...tortureMessages().flatMap((message) => /\r\n\r\n(v=[^]*)/.exec(message)?.[1] ?? []),
]

export const nextSdp = (random: Random): string =>
  mutate(random.pick(CORPUS), random, SDP_MUTATIONS)

/** What is wrong with the way this SDP is taken; undefined: nothing. */
export function judgeSdp(sdp: string): { readonly kind: string; readonly problem?: string } {
  const startedAt = performance.now()
  try {
    const family = sdp.includes('IP6') ? 6 : 4
    const decoded = decodeRemoteSdp(sdp, family)
    if (decoded.kind === 'unusable') return slow(startedAt) ?? { kind: 'unusable' }
    const { address, payloadType, port } = decoded.rtp
    if (isIP(address) !== family) return wrong('an address of no use')
    if (!(port > 0 && port <= 0xffff)) return wrong(`the port ${port}`)
    if (!(payloadType >= 0 && payloadType <= 127)) return wrong(`the payload type ${payloadType}`)
    const problem = judgeAnswer(sdp, writeAnswer(OURS, sdp))
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

/** RFC 3264 §6: as many media lines as the offer, in its order, of its kinds; ours is the one that is not refused. */
function judgeAnswer(offer: string, answer: string): string | undefined {
  const offered = mediaLines(offer)
  const answered = mediaLines(answer)
  if (answered.length !== offered.length)
    return `${answered.length} media lines for ${offered.length} offered`
  const kinds = (lines: readonly string[]): string =>
    lines.map((line) => line.slice(2).split(' ')[0]).join()
  if (kinds(answered) !== kinds(offered)) return `media ${kinds(answered)} for ${kinds(offered)}`
  const accepted = answered.filter((line) => !/^m=\S* +0 /.test(line))
  if (
    accepted.length !== 1 ||
    accepted[0]?.startsWith(`m=audio ${OURS.local.port} RTP/AVP `) !== true
  )
    return `accepted: ${accepted.join(' and ')}`
  if (/[^\x20-\x7e\r\n]/.test(answer.replaceAll(/^m=.*$/gm, ''))) return 'odd bytes in the answer'
  return undefined
}

const mediaLines = (sdp: string): readonly string[] =>
  sdp.split(/\r\n|\r|\n/).filter((line) => line.startsWith('m='))
