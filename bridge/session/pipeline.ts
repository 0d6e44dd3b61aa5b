// The audio path of one session as a readable list, both ways. Each stage is one file; `describe` prints what runs.
//
//   caller → agent    rtp/rtp-packet → rtp/source-gate → rtp/sequence → rtp/reorder-window → audio/caller-timeline
//                     (audio/concealer, audio/comfort-noise) → audio/framer → audio/agent-codec → elevenlabs/conversation
//   agent → caller    elevenlabs/conversation → audio/agent-codec → audio/playout-queue → audio/frame-pacer
//                     → rtp/packetizer → rtp/rtp-socket
//   caller → caller   audio/caller-timeline → audio/live-line → the other's audio/frame-pacer (crossing.ts)
//
// Between RTP and the agent's codec all audio is G.711 in the line's codec, one byte a sample.
import { isIPv6 } from 'node:net'
import { FRAME_MS, type DtmfDigit, type RemoteRtp } from '#core/contracts'
import type { FramePacer } from '../audio/frame-pacer.ts'
import { PREBUFFER_MS, type PlayoutListener } from '../audio/playout-queue.ts'
import type { FrameLengthMs } from '../audio/framer.ts'
import { REORDER_MS } from '../rtp/reorder-window.ts'
import type { RtpSocketPair } from '../rtp/rtp-socket.ts'
import { SourceGate } from '../rtp/source-gate.ts'
import type { MediaTally } from '../worker/tally.ts'
import type { Crossing, CrossingEnd } from './crossing.ts'
import { Downlink } from './downlink.ts'
import { Uplink, type CallerAudioSink } from './uplink.ts'

type OnDatagram = (datagram: Uint8Array, address: string, port: number) => void

export interface PipelineDeps {
  readonly pacer: FramePacer
  readonly tally: MediaTally
  /** Milliseconds of a monotonic clock. */
  readonly now: () => number
  /** Address the RTP socket is bound to. */
  readonly rtpHost: string
  /** How much caller audio one frame to the agent carries. */
  readonly frameMs: FrameLengthMs
  /** Opens the sockets that feed these two. */
  readonly openSockets: (onRtp: OnDatagram, onRtcp: OnDatagram) => Promise<RtpSocketPair>
}

/** What the pipeline tells the session it belongs to. */
export interface PipelineListener extends PlayoutListener {
  onFirstPacketIn(): void
  onFirstPacketOut(): void
  onDigit(digit: DtmfDigit, durationMs: number): void
  /** Each 20 ms while RTP is sent. */
  onFrame(nowMs: number): void
}

export async function openPipeline(
  deps: PipelineDeps,
  listener: PipelineListener,
): Promise<Pipeline> {
  const gate = new SourceGate(isIPv6(deps.rtpHost) ? 6 : 4)
  const uplink = new Uplink({
    ...deps,
    gate,
    onFirstPacket: () => listener.onFirstPacketIn(),
    onDigit: (digit, durationMs) => listener.onDigit(digit, durationMs),
  })
  const sockets = await deps.openSockets(
    (datagram, address, port) => uplink.receive(datagram, address, port),
    (datagram, address, port) => uplink.receiveRtcp(datagram, address, port),
  )
  const downlink = new Downlink({
    ...deps,
    socket: sockets,
    gate,
    onFrame: (nowMs, skippedFrames) => {
      uplink.tick(nowMs, skippedFrames)
      listener.onFrame(nowMs)
    },
    onFirstPacket: () => listener.onFirstPacketOut(),
    onUtterance: (heard, span) => listener.onUtterance(heard, span),
    onPrompt: (told) => listener.onPrompt(told),
  })
  return new Pipeline({ gate, uplink, downlink, sockets })
}

interface Stages {
  readonly gate: SourceGate
  readonly uplink: Uplink
  readonly downlink: Downlink
  readonly sockets: RtpSocketPair
}

export class Pipeline implements CrossingEnd {
  readonly gate: SourceGate
  readonly uplink: Uplink
  readonly downlink: Downlink
  crossing: Crossing | null = null
  readonly #sockets: RtpSocketPair

  constructor({ gate, uplink, downlink, sockets }: Stages) {
    this.gate = gate
    this.uplink = uplink
    this.downlink = downlink
    this.#sockets = sockets
  }

  get port(): number {
    return this.#sockets.port
  }

  announce(remote: RemoteRtp): void {
    this.gate.announce(remote)
    this.uplink.claim()
  }

  /** From here on the agent, if any, hears the caller, and the caller hears us. */
  answer(agent: CallerAudioSink | null, answeredAtMs: number): void {
    if (this.downlink.isStopped) return
    this.uplink.open(agent, answeredAtMs)
    this.downlink.start()
    this.uplink.startReports({ socket: this.#sockets, sent: () => this.downlink.sentCounters() })
  }

  /** Nothing more leaves, not even a goodbye: the address may be a victim's. */
  silence(): void {
    this.crossing?.end()
    this.downlink.stop()
    this.uplink.endReports('silent')
  }

  async close(): Promise<void> {
    this.crossing?.end()
    this.downlink.stop()
    this.uplink.endReports('bye')
    await this.#sockets.close()
  }

  describe(): string {
    const { codec, payloadType } = this.gate.format
    const rtp = `rtp(${codec.toLowerCase()}/${payloadType})`
    const caller = `${rtp} → sequence(reorder ${REORDER_MS}ms) → timeline(concealed) → agent`
    return `${caller}; agent → playout(prebuffer ${PREBUFFER_MS}ms) → pacer(${FRAME_MS}ms) → ${rtp}`
  }
}
