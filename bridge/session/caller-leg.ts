// How the caller of a session is connected: by RTP, or by a stream of frames in its place.
import type { StreamSink } from '#core/contracts'
import type { PlayoutListener } from '../audio/playout-queue.ts'
import type { RtpSocketPair } from '../rtp/rtp-socket.ts'
import type { SourceGate } from '../rtp/source-gate.ts'
import { StreamLeg } from '../twilio/stream-leg.ts'
import { RtpOutlet, type Outlet } from './outlet.ts'
import type { Uplink } from './uplink.ts'

type OnDatagram = (datagram: Uint8Array, address: string, port: number) => void

export type CallerLine =
  /** Opens the sockets that feed these two. */
  | {
      readonly kind: 'rtp'
      readonly openSockets: (onRtp: OnDatagram, onRtcp: OnDatagram) => Promise<RtpSocketPair>
    }
  | { readonly kind: 'stream'; readonly sink: StreamSink }

/** What lies between the caller and the two directions. */
export interface CallerLeg {
  readonly outlet: Outlet
  /** What became of each piece that left. */
  readonly told: PlayoutListener
  /** Where reports leave. */
  readonly reports: Pick<RtpSocketPair, 'send' | 'sendRtcp'>
  /** 0 for a stream, which has none. */
  readonly port: number
  /** The caller is connected by it, and not by RTP. */
  readonly stream: StreamLeg | null
  close(): Promise<void>
}

export interface CallerLegDeps {
  readonly line: CallerLine
  /** Milliseconds of a monotonic clock. */
  readonly now: () => number
  readonly gate: SourceGate
  /** Receives what the caller sends. */
  readonly uplink: Uplink
  /** Told what of ours was heard. */
  readonly listener: PlayoutListener
}

export async function openCallerLeg(deps: CallerLegDeps): Promise<CallerLeg> {
  const { line, now, gate, uplink, listener } = deps
  const onRtp: OnDatagram = (datagram, address, port) => uplink.receive(datagram, address, port)
  if (line.kind === 'stream') {
    const stream = new StreamLeg({ sink: line.sink, now, onPacket: onRtp, listener })
    const { outlet, playback: told } = stream
    return { outlet, told, reports: NOBODY, port: 0, stream, close: () => Promise.resolve() }
  }
  const sockets = await line.openSockets(onRtp, (datagram, address, port) =>
    uplink.receiveRtcp(datagram, address, port),
  )
  return {
    outlet: new RtpOutlet(gate, sockets),
    told: listener,
    reports: sockets,
    port: sockets.port,
    stream: null,
    close: () => sockets.close(),
  }
}

/** At the other end of a stream nobody reads reports; jitter is sampled at their times all the same. */
const NOBODY: CallerLeg['reports'] = {
  send: () => undefined,
  sendRtcp: () => undefined,
}
