// What every description of ours has around its media lines, and a line of theirs that we do not take (RFC 4566 §5,
// RFC 3264 §6). Pure.
import { isIP } from 'node:net'
import { parse, type SessionDescription } from 'sdp-transform'
import { writtenPayloads, type Media } from './audio-line.ts'

/** Whose words the far end reads: one session, each version its own (RFC 4566 §5.2). */
export interface SessionOrigin {
  readonly sessionId: number
  readonly version: number
}

/** @param address where the media goes to, and who says so */
export function describeSession(
  address: string,
  { sessionId, version }: SessionOrigin,
  media: SessionDescription['media'],
): SessionDescription {
  const ipVer = isIP(address) === 6 ? 6 : 4
  return {
    version: 0,
    origin: { username: '-', sessionId, sessionVersion: version, netType: 'IN', ipVer, address },
    name: '-',
    connection: { version: ipVer, ip: address },
    timing: { start: 0, stop: 0 },
    media,
  }
}

export const refusedLine = (offered: Media): Media => ({
  type: offered.type,
  port: 0,
  protocol: offered.protocol,
  payloads: writtenPayloads(offered) || '0',
  rtp: [],
  fmtp: [],
})

/**
 * The lines of an offer. A new one keeps the lines of the last, and their order (RFC 3264 §8).
 * @param previous our last description of the session; undefined when this is the first
 * @param lineFor our line, from the one that stood in its place
 */
export function offeredLines(
  previous: string | undefined,
  lineFor: (before: Media | undefined) => Media,
): Media[] {
  const before = previous === undefined ? [] : parse(previous).media
  const spoken = before.findIndex(({ port }) => port > 0)
  const at = Math.max(spoken, 0)
  const line = lineFor(before[at])
  return before.length === 0
    ? [line]
    : before.map((each, i) => (i === at ? line : refusedLine(each)))
}
