// The audio path of one session as a readable list, both ways. Each stage is one file; `describe` prints what runs.
//
//   caller → agent    rtp/rtp-packet → rtp/source-gate → rtp/sequence → rtp/reorder-window → audio/caller-timeline
//                     (audio/concealer, audio/comfort-noise) → audio/framer → audio/agent-codec → elevenlabs/conversation
//   agent → caller    elevenlabs/conversation → audio/agent-codec → audio/playout-queue → audio/frame-pacer
//                     → rtp/packetizer → rtp/rtp-socket
//   caller by stream  twilio/frame-packets in the place of the sockets, and twilio/stream-outlet
//   caller → caller   audio/caller-timeline → audio/live-line → the other's audio/frame-pacer (crossing.ts)
//
// Between RTP and the agent's codec all audio is G.711 in the line's codec, one byte a sample.
import { isIPv6 } from 'node:net'
import { FRAME_MS, type DtmfDigit, type RemoteRtp } from '#core/contracts'
import type { FramePacer } from '../audio/frame-pacer.ts'
import { PREBUFFER_MS, type PlayoutListener } from '../audio/playout-queue.ts'
import type { FrameLengthMs } from '../audio/framer.ts'
import { REORDER_MS } from '../rtp/reorder-window.ts'
import { SourceGate } from '../rtp/source-gate.ts'
import { streamGate } from '../twilio/stream-leg.ts'
import type { MediaTally } from '../worker/tally.ts'
import { openCallerLeg, type CallerLeg, type CallerLine } from './caller-leg.ts'
import type { Crossing, CrossingEnd } from './crossing.ts'
import { Downlink } from './downlink.ts'
import { Uplink, type CallerAudioSink } from './uplink.ts'

export interface PipelineDeps {
  readonly pacer: FramePacer
  readonly tally: MediaTally
  /** Milliseconds of a monotonic clock. */
  readonly now: () => number
  /** Address the RTP socket is bound to. */
  readonly rtpHost: string
  /** How much caller audio one frame to the agent carries. */
  readonly frameMs: FrameLengthMs
  /** How the caller is connected. */
  readonly line: CallerLine
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
  const { line, now } = deps
  const gate = line.kind === 'stream' ? streamGate() : new SourceGate(isIPv6(deps.rtpHost) ? 6 : 4)
  const uplink = new Uplink({
    ...deps,
    gate,
    onFirstPacket: () => listener.onFirstPacketIn(),
    onDigit: (digit, durationMs) => listener.onDigit(digit, durationMs),
  })
  const leg = await openCallerLeg({ line, now, gate, uplink, listener })
  const downlink = new Downlink({
    ...deps,
    outlet: leg.outlet,
    gate,
    onFrame: (nowMs, skippedFrames) => {
      uplink.tick(nowMs, skippedFrames)
      listener.onFrame(nowMs)
    },
    onFirstPacket: () => listener.onFirstPacketOut(),
    onUtterance: leg.told.onUtterance,
    onPrompt: leg.told.onPrompt,
  })
  return new Pipeline({ gate, uplink, downlink, leg })
}

type Stages = Pick<Pipeline, 'gate' | 'uplink' | 'downlink' | 'leg'>

export class Pipeline implements CrossingEnd {
  readonly gate: SourceGate
  readonly uplink: Uplink
  readonly downlink: Downlink
  readonly leg: CallerLeg
  crossing: Crossing | null = null

  constructor({ gate, uplink, downlink, leg }: Stages) {
    this.gate = gate
    this.uplink = uplink
    this.downlink = downlink
    this.leg = leg
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
    const { reports: socket } = this.leg
    this.uplink.startReports({ socket, sent: () => this.downlink.sentCounters() })
  }

  /** Answered before: an agent hears the caller from this moment on. */
  lend(agent: CallerAudioSink): void {
    if (!this.downlink.isStopped) this.uplink.lend(agent)
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
    await this.leg.close()
  }

  describe(): string {
    const { codec, payloadType } = this.gate.format
    const rtp = `rtp(${codec.toLowerCase()}/${payloadType})`
    const caller = `${rtp} → sequence(reorder ${REORDER_MS}ms) → timeline(concealed) → agent`
    return `${caller}; agent → playout(prebuffer ${PREBUFFER_MS}ms) → pacer(${FRAME_MS}ms) → ${rtp}`
  }
}
