// A media session with a hand-made conversation: the RTP socket, the clock of frames and time itself are in the
// test's hand.
import { createAnswerMint } from '../../../core/contracts/answer-mint.ts'
import {
  epochMs,
  newCallId,
  type AgentTarget,
  type DtmfDigit,
  type MediaEvent,
} from '../../../core/contracts/index.ts'
import { createLogger } from '../../../core/telemetry/index.ts'
import { createClock } from '../../../core/time/index.ts'
import { FramePacer } from '../../../bridge/audio/frame-pacer.ts'
import type { Conversation, ConversationListener } from '../../../bridge/elevenlabs/conversation.ts'
import { writeRtpHeader } from '../../../bridge/rtp/rtp-packet.ts'
import { createAnswerGuard } from '../../../bridge/session/answer-guard.ts'
import { openMediaSession } from '../../../bridge/session/media-session.ts'
import { SESSION_TIMING } from '../../../bridge/session/session-options.ts'
import { remoteRtp } from '../../support/remote-rtp.ts'
import { createMediaTally, Tally } from '../../../bridge/worker/tally.ts'

export const AGENT: AgentTarget = { agentId: 'agent_test', dynamicVariables: { call_id: 'x' } }

export class FakeConversation implements Conversation {
  readonly done: string[] = []
  readonly frames: Uint8Array[] = []
  readonly target: AgentTarget
  readonly listener: ConversationListener
  /** The vendor is slow to accept. */
  accepts = true
  #open = false
  constructor(target: AgentTarget, listener: ConversationListener) {
    this.target = target
    this.listener = listener
  }
  prewarm(): void {
    this.done.push('prewarm')
  }
  open(): void {
    this.done.push('open')
    this.#open = true
    this.listener.onAttempted(1)
    if (this.accepts) this.listener.onOpened(epochMs(Date.now()))
  }
  sendCallerAudio(line: Uint8Array): void {
    if (!this.#open) throw new Error('audio before the agent is open')
    this.frames.push(Uint8Array.from(line))
  }
  pressed(digit: DtmfDigit): void {
    this.done.push(`pressed ${digit}`)
  }
  pendingTools = 0
  inform(text: string): void {
    this.done.push(`inform ${text}`)
  }
  answerTool(toolCallId: string, result: string, isError: boolean): void {
    this.done.push(`answered ${toolCallId} ${result} ${isError}`)
  }
  close(): void {
    this.done.push('close')
    this.end({ reason: 'closed-by-us', closeCode: 1000, detail: 'closed by the gateway' })
  }
  end(end: Parameters<ConversationListener['onClosed']>[0]): void {
    if (!this.#open) return
    this.#open = false
    this.listener.onClosed(end)
  }
}

export async function stage(remoteKnown = true) {
  const { key, mint } = createAnswerMint()
  const callId = newCallId()
  const events: MediaEvent[] = []
  const conversations: FakeConversation[] = []
  const sent: Buffer[] = []
  const reports: Buffer[] = []
  const released: number[] = []
  const logged: string[] = []
  const time = { ms: 1000 }
  const now = () => time.ms
  /** Frames are called by hand: this pacer never ticks. */
  const pacer = new FramePacer({ now, onLateFrames: () => undefined })
  const members: Parameters<FramePacer['join']>[0][] = []
  pacer.join = (member) => {
    members.push(member)
    return {
      restart: () => time.ms,
      postpone: () => undefined, // The frame it moves is the next one here: time passes by whole frames.
      leave: () => members.splice(members.indexOf(member), 1),
    }
  }
  let receive: (datagram: Uint8Array, address: string, port: number) => void = () => undefined
  const session = await openMediaSession(
    {
      logger: createLogger('info', { write: (line: string) => void logged.push(line) }),
      clock: createClock(),
      now,
      tally: createMediaTally(new Tally()),
      guard: createAnswerGuard(key),
      pacer,
      rtpHost: '127.0.0.1',
      releasePort: (port) => released.push(port),
      timing: { ...SESSION_TIMING, deadAirMs: 60_000, agentSilentMs: 30_000 },
      frameMs: 20,
      recording: { policy: 'off', spoolFolder: '' },
      line: {
        kind: 'rtp',
        openSockets: (onRtp) => {
          receive = onRtp
          return Promise.resolve({
            port: 20_000,
            send: (packet) => sent.push(Buffer.from(packet)),
            sendRtcp: (packet) => reports.push(Buffer.from(packet)),
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
  const nameRemote = (receives = true) =>
    session.setRemote(remoteRtp({ address: '192.0.2.1', port: 4000, receives }))
  if (remoteKnown) nameRemote()
  let sequence = 0
  return {
    session,
    events,
    conversations,
    sent,
    reports,
    released,
    logged,
    members,
    types: () => events.map((event) => event.type),
    evidence: mint({ callId, dialog: 'd1', cseq: 1, answeredAt: epochMs(Date.now()) }),
    otherEvidence: mint({ callId, dialog: 'd2', cseq: 1, answeredAt: epochMs(Date.now()) }),
    nameRemote,
    answered: (agoMs: number) =>
      mint({ callId, dialog: 'd3', cseq: 1, answeredAt: epochMs(Date.now() - agoMs) }),
    /** The caller says 20 ms of one byte. */
    hear: (byte: number) => {
      const datagram = Buffer.alloc(172, byte)
      writeRtpHeader(datagram, {
        marker: false,
        payloadType: 0,
        sequence,
        timestamp: sequence * 160,
        ssrc: 5,
      })
      sequence += 1
      receive(datagram, '192.0.2.1', 4000)
    },
    /** A packet of the caller's got lost. */
    lose: () => (sequence += 1),
    /** Time passes, frame by frame. */
    pass: (milliseconds: number) => {
      for (const end = time.ms + milliseconds; time.ms < end;) {
        time.ms += 20
        for (const member of [...members]) member.onFrame(time.ms, 0)
      }
    },
  }
}
