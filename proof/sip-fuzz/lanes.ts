// Three ways to be hostile: requests from outside, requests inside a dialog, and answers to the calls we are sent.
import type { Random } from '../seeded-random.ts'
import type { Stage } from '../stage/gateway-stage.ts'
import type { Request, Response } from '../party/read-message.ts'
import { responseText, SDP } from '../party/write-message.ts'
import { requestCorpus } from './corpus.ts'
import type { Fuzzing, FuzzPeer } from './fuzz-peer.ts'
import { mutate, SIP_MUTATIONS } from './mutate.ts'

/** The server's socket buffer holds this much while it works: what is dropped there was never tried. */
const BURST = 20
const ANSWER_WITHIN_MS = 10_000
const MOST_REFUSALS = 3

/** Runs until there are no inputs left, or the server stopped answering. */
export type Lane = () => Promise<void>

export const requestLane =
  (peer: FuzzPeer, random: Random, uri: string): Lane =>
  async () => {
    const { local: sender, transport } = peer.wire
    const corpus = requestCorpus({ uri, sender, transport })
    const mutated = (text: string): string => mutate(text, random, SIP_MUTATIONS)
    const sends = (): boolean => {
      for (let sent = 0; sent < BURST; sent += 1)
        if (!peer.sendInput(random.pick(corpus), mutated)) return false
      return true
    }
    while (sends() && (await peer.sync(uri)));
  }

const IN_DIALOG = [
  'INFO',
  'INFO',
  'UPDATE',
  'INVITE',
  'REFER',
  'NOTIFY',
  'MESSAGE',
  'OPTIONS',
  'PRACK',
  'BYE',
  'CANCEL',
  'ACK',
  'SUBSCRIBE',
] as const

/** One call after the other: answered, acknowledged, mistreated, hung up. */
export const dialogLane =
  (peer: FuzzPeer, fuzzing: Fuzzing, random: Random, uri: string): Lane =>
  async () => {
    const mutated = (text: string): string => mutate(text, random, SIP_MUTATIONS)
    for (let refusals = 0; ;) {
      const answer = await peer.ask({ method: 'INVITE', uri, body: SDP }, ANSWER_WITHIN_MS)
      if (answer?.status !== 200) {
        // By these timers a busy machine may take too long, once.
        refusals += 1
        if (refusals < MOST_REFUSALS) continue
        fuzzing.problem(`a valid INVITE was answered ${answer?.status ?? 'by nothing'}`)
        return
      }
      refusals = 0
      const { callId } = answer.fields
      peer.keep(callId)
      peer.sendPlain(peer.within(answer, 'ACK', 1))
      const isLeft = mistreat(peer, answer, random, mutated)
      const isAlive = await peer.sync(uri)
      peer.sendPlain(peer.within(answer, 'BYE', 1_000_000_000))
      peer.forget(callId)
      if (!isLeft || !isAlive) return
    }
  }

function mistreat(
  peer: FuzzPeer,
  answer: Response,
  random: Random,
  mutated: (text: string) => string,
): boolean {
  for (let seq = 2; seq < 2 + BURST; seq += 1) {
    const method = random.pick(IN_DIALOG)
    const body = method === 'INVITE' || method === 'UPDATE' ? SDP : ''
    if (!peer.sendInput(peer.inputWithin(answer, method, seq, body), mutated)) return false
  }
  return true
}

const STATUSES = [
  '100 Trying',
  '180 Ringing',
  '183 Session Progress',
  '183 Session Progress',
  '199 Early',
  '200 OK',
  '200 OK',
  '202 Accepted',
  '302 Moved',
  '401 Unauthorized',
  '404 Not Found',
  '407 Proxy',
  '420 Bad Extension',
  '422 Too Small',
  '486 Busy Here',
  '487 Terminated',
  '491 Pending',
  '500 Error',
  '503 Unavailable',
  '603 Decline',
] as const

const ANSWER_HEADERS = [
  [],
  ['Require: 100rel', 'RSeq: 1'],
  ['Record-Route: <sip:127.0.0.1:9;lr>'],
  ['Contact: <sip:b@127.0.0.1:9>'],
  ['WWW-Authenticate: Digest realm="r", nonce="n", qop="auth"'],
  ['Session-Expires: 90;refresher=uas', 'Require: timer'],
  ['Min-SE: 3600'],
  ['Retry-After: 1'],
] as const

/** The gateway calls this peer; its INVITE gets a dozen answers, the last of them a plain refusal. */
export const responseLane =
  (peer: FuzzPeer, fuzzing: Fuzzing, random: Random, uri: string, stage: () => Stage): Lane =>
  async () => {
    const mutated = (text: string): string => mutate(text, random, SIP_MUTATIONS)
    const seen = new Set<string>()
    for (;;) {
      const invite = await calledBy(peer, stage(), seen)
      if (invite === undefined) {
        fuzzing.problem('a call that was placed did not arrive')
        return
      }
      let isLeft = true
      for (let sent = 0; sent < BURST && isLeft; sent += 1) {
        const status = random.pick(STATUSES)
        const headers = [
          `Contact: <sip:b@${peer.wire.local}>`,
          ...random.pick([ANSWER_HEADERS[0], ...ANSWER_HEADERS]),
        ]
        const tag = random.pick(['a', 'a', 'b', ''])
        const body = random.chance(0.5) ? SDP : ''
        isLeft = peer.sendInput(responseText(invite, status, { headers, tag, body }), mutated)
      }
      const isAlive = await peer.sync(uri)
      peer.sendPlain(responseText(invite, '486 Busy Here', { tag: 'a' }))
      if (!isLeft || !isAlive) return
    }
  }

async function calledBy(
  peer: FuzzPeer,
  stage: Stage,
  seen: Set<string>,
): Promise<Request | undefined> {
  const called = Promise.withResolvers<Request | undefined>()
  peer.onInvite = (invite) => {
    // An earlier one may be repeated.
    if (seen.has(invite.fields.callId)) return
    seen.add(invite.fields.callId)
    called.resolve(invite)
  }
  const late = setTimeout(() => called.resolve(undefined), ANSWER_WITHIN_MS)
  await stage.place('+4930200', { ready: 0, talk: 20 }, 5_000)
  const invite = await called.promise
  clearTimeout(late)
  return invite
}
