// The audio path of one session as a readable list, both ways. Each stage is one file; `describe` prints what runs.
//
//   caller → agent    rtp/rtp-packet → rtp/source-gate → rtp/sequence → rtp/reorder-window → audio/caller-timeline
//                     → audio/framer → elevenlabs/conversation
//   agent → caller    elevenlabs/conversation → audio/playout-queue → audio/frame-pacer → rtp/packetizer → rtp/rtp-socket
import { isIPv6 } from 'node:net'
import { FRAME_MS } from '#core/contracts'
import type { FramePacer } from '../audio/frame-pacer.ts'
import { PREBUFFER_MS } from '../audio/playout-queue.ts'
import { REORDER_MS } from '../rtp/reorder-window.ts'
import type { RtpSocket } from '../rtp/rtp-socket.ts'
import { SourceGate } from '../rtp/source-gate.ts'
import type { MediaTally } from '../worker/tally.ts'
import { Downlink } from './downlink.ts'
import { Uplink } from './uplink.ts'

export interface PipelineDeps {
  readonly pacer: FramePacer
  readonly tally: MediaTally
  /** Milliseconds of a monotonic clock. */
  readonly now: () => number
  /** Address the RTP socket is bound to. */
  readonly rtpHost: string
  /** Opens the RTP socket that feeds `receive`. */
  readonly openSocket: (receive: Uplink['receive']) => Promise<RtpSocket>
}

/** What the pipeline tells the session it belongs to. */
export interface PipelineListener {
  onFirstPacketIn(): void
  onFirstPacketOut(): void
  /** Each 20 ms while RTP is sent. */
  onFrame(nowMs: number): void
}

export interface Pipeline {
  readonly gate: SourceGate
  readonly uplink: Uplink
  readonly downlink: Downlink
  readonly socket: RtpSocket
  describe(): string
}

export async function openPipeline(
  deps: PipelineDeps,
  listener: PipelineListener,
): Promise<Pipeline> {
  const { pacer, tally, now } = deps
  const gate = new SourceGate(isIPv6(deps.rtpHost) ? 6 : 4)
  const uplink = new Uplink({
    gate,
    tally,
    now,
    onFirstPacket: () => listener.onFirstPacketIn(),
  })
  const socket = await deps.openSocket((datagram, address, port) =>
    uplink.receive(datagram, address, port),
  )
  const downlink = new Downlink({
    socket,
    gate,
    pacer,
    tally,
    now,
    onFrame: (nowMs, skippedFrames) => {
      uplink.tick(nowMs, skippedFrames)
      listener.onFrame(nowMs)
    },
    onFirstPacket: () => listener.onFirstPacketOut(),
  })
  return { gate, uplink, downlink, socket, describe }
}

const CALLER_TO_AGENT = [
  'rtp(pcmu/8000)',
  `sequence(reorder ${REORDER_MS}ms)`,
  'timeline(silence filled)',
  `frames(${FRAME_MS}ms)`,
  'elevenlabs(ulaw_8000)',
]
const AGENT_TO_CALLER = [
  'elevenlabs(ulaw_8000)',
  `playout(prebuffer ${PREBUFFER_MS}ms)`,
  `pacer(${FRAME_MS}ms)`,
  'rtp(pcmu/8000)',
]

function describe(): string {
  return `caller: ${CALLER_TO_AGENT.join(' → ')}; agent: ${AGENT_TO_CALLER.join(' → ')}`
}
