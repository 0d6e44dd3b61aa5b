// A caller who is connected by a stream of frames (Twilio Media Streams, facts: TCP, µ-law, 20 ms by custom) in the place
// of RTP: what the pipeline has instead of sockets. The session behind it is the same.
import type { RemoteRtp, StreamSink } from '#core/contracts'
import type { PlayoutListener } from '../audio/playout-queue.ts'
import { SourceGate } from '../rtp/source-gate.ts'
import { FramePackets } from './frame-packets.ts'
import { Playback } from './playback.ts'
import { StreamOutlet } from './stream-outlet.ts'

const PAYLOAD_TYPE = 0
/** Nobody's address (RFC 5737): nothing is ever sent there, and all frames come from it. */
const FAR_END: RemoteRtp = {
  address: '192.0.2.1',
  port: 4,
  rtcpPort: 5,
  formats: [{ codec: 'PCMU', payloadType: PAYLOAD_TYPE }],
  telephoneEventType: null,
  receives: true,
  sends: true,
}

/** Open from the beginning, to its one source. */
export function streamGate(): SourceGate {
  const gate = new SourceGate(4)
  gate.announce(FAR_END)
  return gate
}

export interface StreamLegDeps {
  readonly sink: StreamSink
  readonly now: () => number
  /** The uplink. */
  readonly onPacket: (packet: Uint8Array, address: string, port: number) => void
  /** Told what was really played. */
  readonly listener: PlayoutListener
}

export class StreamLeg {
  readonly outlet: StreamOutlet
  /** What is told of each utterance and prompt when it has left. */
  readonly playback: Playback
  readonly #packets: FramePackets

  constructor({ sink, now, onPacket, listener }: StreamLegDeps) {
    this.playback = new Playback(sink, now, listener)
    this.outlet = new StreamOutlet(sink, this.playback)
    this.#packets = new FramePackets(PAYLOAD_TYPE, (packet) =>
      onPacket(packet, FAR_END.address, FAR_END.port),
    )
  }

  /** @param atMs milliseconds since the stream began */
  receive(ulaw: Uint8Array, atMs: number): void {
    this.#packets.take(ulaw, atMs)
  }

  played(mark: string): void {
    this.playback.played(mark)
  }
}
