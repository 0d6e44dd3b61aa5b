// A downlink whose frames, clock and far end are in the test's hand.
import type { RemoteRtp } from '../../../core/contracts/index.ts'
import { FramePacer } from '../../../bridge/audio/frame-pacer.ts'
import type { PromptTold } from '../../../bridge/audio/queued-prompt.ts'
import type { HeardUtterance } from '../../../bridge/audio/utterance.ts'
import { decodeRtp, type RtpPacket } from '../../support/decode-rtp.ts'
import type { RtpSocket } from '../../../bridge/rtp/rtp-socket.ts'
import { SourceGate } from '../../../bridge/rtp/source-gate.ts'
import { Downlink } from '../../../bridge/session/downlink.ts'
import { RtpOutlet } from '../../../bridge/session/outlet.ts'
import { createMediaTally, Tally } from '../../../bridge/worker/tally.ts'
import { remoteRtp } from '../../support/remote-rtp.ts'

export interface SentPacket extends RtpPacket {
  readonly atMs: number
  readonly port: number
}

/** A socket that keeps what it is given. */
export function keepingSocket(now: () => number) {
  const sent: SentPacket[] = []
  const socket: RtpSocket = {
    port: 20_000,
    send: (packet, port) => {
      const decoded = decodeRtp(Buffer.from(packet))
      if (decoded.kind === 'invalid') throw new Error(decoded.fault)
      sent.push({ ...decoded, atMs: now(), port })
    },
    close: () => Promise.resolve(),
  }
  return { sent, socket }
}

/** @param aheadMs what the far end has in hand, as that of a stream has */
export function stage(remote: Partial<RemoteRtp> = {}, aheadMs = 0) {
  const time = { ms: 1000 }
  const now = () => time.ms
  const { sent, socket } = keepingSocket(now)
  const gate = new SourceGate()
  const announce = (more: Partial<RemoteRtp> = {}) =>
    gate.announce(remoteRtp({ address: '192.0.2.1', port: 4000, ...remote, ...more }))
  announce()
  const utterances: HeardUtterance[] = []
  const prompts: PromptTold[] = []
  const firsts: number[] = []
  let frames = 0
  /** Frames are called by hand: this pacer never ticks. */
  const pacer = new FramePacer({ now, onLateFrames: () => undefined })
  let member: Parameters<FramePacer['join']>[0] | null = null
  pacer.join = (joined) => {
    member = joined
    return {
      restart: () => time.ms,
      postpone: () => undefined,
      leave: () => (member = null),
    }
  }
  const downlink = new Downlink({
    outlet: Object.assign(new RtpOutlet(gate, socket), { aheadMs }),
    gate,
    pacer,
    tally: createMediaTally(new Tally()),
    now,
    onFrame: () => (frames += 1),
    onFirstPacket: () => firsts.push(time.ms),
    onUtterance: (heard) => utterances.push(heard),
    onPrompt: (told) => prompts.push(told),
  })
  const frame = (skipped = 0) => {
    time.ms += 20 * (skipped + 1)
    member?.onFrame(time.ms, skipped)
  }
  return {
    downlink,
    time,
    sent,
    gate,
    announce,
    utterances,
    prompts,
    firsts,
    frames: () => frames,
    frame,
    /** Time passes, frame by frame; the packets that left. */
    pass: (ms: number): SentPacket[] => {
      const before = sent.length
      for (let left = ms; left > 0; left -= 20) frame()
      return sent.slice(before)
    },
  }
}
