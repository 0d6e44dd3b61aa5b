// What the gateway needs of a media server, and no more: it stands between the carrier's audio and ours, and speaks what
// we do not (SRTP, Opus, G.722). No type of drachtio-fsmrf leaves freeswitch.ts.
import type { CallId, TrunkCodec } from '#core/contracts'

export interface AnchorOptions {
  readonly callId: CallId
  /** Our own description, towards the media server: G.711 on our RTP port. */
  readonly ours: string
  /** The carrier's offer; absent when the media server is to offer. */
  readonly offer?: string
  /** What the carrier may speak, the preferred first. */
  readonly codecs: readonly TrunkCodec[]
  readonly srtp: 'off' | 'required'
}

/** One call's audio, through the media server: the carrier on one side, our RTP on the other. */
export interface MediaAnchor {
  /** What the carrier is told: the answer to its offer, or an offer. */
  readonly sdp: string
  /** Where our RTP goes: the media server's answer to `ours`. */
  readonly towardsUs: string
  /** The carrier's answer to an offer of ours. @throws AppError `MEDIA_SERVER_FAILED` when it is of no use. */
  accept(answer: string): Promise<void>
  /** A later offer of the carrier's; undefined when it cannot be taken. */
  reanswer(offer: string): Promise<string | undefined>
  /** A later offer of ours, when the carrier asks for one. */
  reoffer(): Promise<string>
  /** The media server is gone, or let this call go: nothing of it can be used any more. Told once. */
  onLost(listener: () => void): void
  /** Idempotent; never rejects; waits 2 s at most. */
  close(): Promise<void>
}

export interface MediaServer {
  readonly isConnected: boolean
  /** @throws AppError `MEDIA_SERVER_FAILED`, within 5 s. */
  anchor(options: AnchorOptions): Promise<MediaAnchor>
  close(): Promise<void>
}
