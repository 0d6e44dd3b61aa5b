// Two media sessions joined, time and both networks in the test's hand: each caller's packets carry their own number as
// a level, so that what the other hears can be told apart packet by packet.
import { createAnswerMint } from '../../../core/contracts/answer-mint.ts'
import {
  epochMs,
  FRAME_BYTES,
  newCallId,
  type MediaEvent,
  type RemoteRtp,
} from '../../../core/contracts/index.ts'
import { createLogger } from '../../../core/telemetry/index.ts'
import { createClock } from '../../../core/time/index.ts'
import { FramePacer, type PacedMember } from '../../../bridge/audio/frame-pacer.ts'
import { RTP_HEADER_BYTES } from '../../../bridge/rtp/rtp-packet.ts'
import { decodeRtp } from '../../support/decode-rtp.ts'
import { createAnswerGuard } from '../../../bridge/session/answer-guard.ts'
import { openMediaSession } from '../../../bridge/session/media-session.ts'
import { SESSION_TIMING } from '../../../bridge/session/session-options.ts'
import { createMediaTally, Tally } from '../../../bridge/worker/tally.ts'
import { BadNetwork, type BadNetworkOptions } from '../../support/bad-network.ts'
import { remoteRtp } from '../../support/remote-rtp.ts'
import { AGENT, FakeConversation } from './stage.ts'

const ADDRESS = '192.0.2.1'
/** Levels of µ-law that no silence is taken for, two codes apart, each louder than the one before: what fades is none. */
const LEVELS = 28
const LOUDEST = 0x80
export const levelOf = (index: number): number => LOUDEST + 2 * (LEVELS - 1 - (index % LEVELS))

export interface Side {
  readonly session: Awaited<ReturnType<typeof openMediaSession>>
  readonly events: MediaEvent[]
  readonly conversations: FakeConversation[]
  readonly sent: { readonly atMs: number; readonly payloadType: number; readonly payload: Buffer }[]
  readonly evidence: ReturnType<ReturnType<typeof createAnswerMint>['mint']>
  types(): string[]
  announce(remote?: Partial<RemoteRtp>): void
  receive(datagram: Uint8Array): void
}

export interface Clocked {
  readonly time: { ms: number }
  readonly logged: string[]
  /** Whose frames come each 20 ms, and the millisecond of the 20 they come in. */
  readonly members: { readonly member: PacedMember; readonly phase: number }[]
}

/** One session whose frames come `phase` milliseconds after each full 20. */
export async function openSide(clocked: Clocked, phase: number, port: number): Promise<Side> {
  const { time, members, logged } = clocked
  const { key, mint } = createAnswerMint()
  const callId = newCallId()
  const now = () => time.ms
  const pacer = new FramePacer({ now, onLateFrames: () => undefined })
  pacer.join = (member) => {
    const seat = { member, phase }
    members.push(seat)
    return {
      restart: () => time.ms,
      postpone: () => undefined,
      leave: () => void members.splice(members.indexOf(seat), 1),
    }
  }
  const events: MediaEvent[] = []
  const conversations: FakeConversation[] = []
  const sent: Side['sent'] = []
  let hear: (datagram: Uint8Array, address: string, port: number) => void = () => undefined
  const session = await openMediaSession(
    {
      logger: createLogger('info', { write: (line: string) => void logged.push(line) }),
      clock: createClock(),
      now,
      tally: createMediaTally(new Tally()),
      guard: createAnswerGuard(key),
      pacer,
      rtpHost: '127.0.0.1',
      releasePort: () => undefined,
      timing: { ...SESSION_TIMING, deadAirMs: 10_000, agentSilentMs: 10_000 },
      frameMs: 60,
      recording: { policy: 'off', spoolFolder: '' },
      line: {
        kind: 'rtp',
        openSockets: (onRtp) => {
          hear = onRtp
          return Promise.resolve({
            port: 20_000,
            send: (packet) => {
              const decoded = decodeRtp(Buffer.from(packet))
              if (decoded.kind === 'invalid') throw new Error(decoded.fault)
              const payload = Buffer.from(packet.subarray(RTP_HEADER_BYTES))
              sent.push({ atMs: time.ms, payloadType: decoded.payloadType, payload })
            },
            sendRtcp: () => undefined,
            close: () => Promise.resolve(),
          })
        },
      },
      createConversation: (target, listener) => {
        const conversation = new FakeConversation(target, listener)
        conversations.push(conversation)
        return conversation
      },
    },
    { callId, onEvent: (event) => events.push(event) },
  )
  const announce = (remote: Partial<RemoteRtp> = {}): void =>
    session.setRemote(remoteRtp({ address: ADDRESS, port, ...remote }))
  announce()
  return {
    session,
    events,
    conversations,
    sent,
    types: () => events.map(({ type }) => type),
    evidence: mint({ callId, dialog: 'd', cseq: 1, answeredAt: epochMs(Date.now()) }),
    announce,
    receive: (datagram) => hear(datagram, ADDRESS, port),
  }
}

export interface TalkOptions extends Partial<Pick<Clocked, 'time'>> {
  readonly phase?: number
  readonly answered?: boolean
}

/** A caller who talked to an agent, and the human: not joined yet. */
export async function openTwo({ phase = 7, answered = true }: TalkOptions = {}) {
  const clocked: Clocked = { time: { ms: 1000 }, logged: [], members: [] }
  const caller = await openSide(clocked, 0, 4000)
  const human = await openSide(clocked, phase, 4002)
  if (answered) caller.session.openAgent(AGENT, caller.evidence)
  const { time, members } = clocked
  /** Time passes, a millisecond each; what networks bring comes when it does. */
  const pass = (milliseconds: number, lines: readonly { net: BadNetwork; to: Side }[] = []) => {
    for (const end = time.ms + milliseconds; time.ms < end;) {
      const next = time.ms + 1
      for (const { net, to } of lines)
        for (const { datagram, atMs } of net.until(next - START_MS)) {
          time.ms = Math.max(time.ms, atMs + START_MS)
          to.receive(datagram)
        }
      time.ms = next
      for (const { member, phase: due } of [...members])
        if (next % 20 === due) member.onFrame(next, 0)
    }
  }
  /** The thread stands still for so many frames: what arrives waits in the kernel, and is read after the next frame. */
  const stall = (frames: number) => {
    time.ms += frames * 20
    for (const { member, phase: due } of [...members])
      member.onFrame(time.ms - ((time.ms - due) % 20), frames - 1)
  }
  return { ...clocked, caller, human, pass, stall }
}

/** Networks count from here. */
export const START_MS = 1000

export const numbered = (options: BadNetworkOptions): BadNetwork =>
  new BadNetwork(options, (index) => Buffer.alloc((options.packetMs ?? 20) * 8, levelOf(index)))

export interface Crossed {
  /** Packets of which something was heard, in order. */
  readonly heard: readonly number[]
  /** From a packet's arrival at the latest to when its first sample leaves, in milliseconds. */
  readonly latencies: readonly number[]
}

/** What of the numbered packets left, and how long after the last of their samples was spoken. */
export function crossed(sent: Side['sent'], net: BadNetwork): Crossed {
  const stream = Buffer.concat(sent.map(({ payload }) => payload))
  const heard: number[] = []
  const latencies: number[] = []
  for (let at = 0, end = 0; at < stream.length; at = end) {
    const code = stream[at] ?? 0
    for (end = at + 1; stream[end] === code;) end += 1
    // What fades out, or flows into the next level, is shorter.
    if (end - at < LEAST_RUN || !isLevel(code)) continue
    const leftAtMs = (sent[Math.floor(at / FRAME_BYTES)]?.atMs ?? 0) + (at % FRAME_BYTES) / 8
    const index = newestOf(indexOf(code), leftAtMs - START_MS, net)
    // One that is repeated, in the place of what was lost.
    if (index < 0 || index <= (heard.at(-1) ?? -1)) continue
    heard.push(index)
    latencies.push(leftAtMs - START_MS - net.spokenAtMs(index + 1))
  }
  return { heard, latencies }
}

const LEAST_RUN = 40
const isLevel = (code: number): boolean => code >= LOUDEST && code < LOUDEST + 2 * LEVELS
const indexOf = (code: number): number => LEVELS - 1 - Math.floor((code - LOUDEST) / 2)

/** The last packet of this level that had been sent by then: nothing is older than all levels together (560 ms). */
function newestOf(level: number, byMs: number, net: BadNetwork): number {
  const packetMs = net.spokenAtMs(1)
  let index = Math.min(Math.floor(byMs / packetMs) - 1, net.packets - 1)
  while (index >= 0 && index % LEVELS !== level) index -= 1
  return index
}
