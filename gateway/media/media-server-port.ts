// What the gateway needs of a media server, and no more: it stands between the carrier's audio and ours, and speaks what
// we do not (SRTP, Opus, G.722). No type of drachtio-fsmrf leaves the files named freeswitch.
import type { CallId, TrunkCodec } from '#core/contracts'

export interface AnchorOptions {
  readonly callId: CallId
  /** Our own description, towards the media server: G.711 on our RTP port. */
  readonly ours: string
  /** Where our RTP port is, as the media server sees it. */
  readonly ourAddress: string
  /** The carrier's offer, of one audio line; absent when the carrier is to be offered. */
  readonly offer?: string
  /** What the carrier may speak, the preferred first. */
  readonly codecs: readonly TrunkCodec[]
  readonly srtp: 'off' | 'required'
}

/** One call's audio, through the media server: the carrier on one side, our RTP on the other. */
export interface MediaAnchor {
  /** The media server's last words about its port for the carrier: the answer to an offer, or what an offer is made of. */
  readonly sdp: string
  /** Where our RTP goes: the media server's answer to `ours`. */
  readonly towardsUs: string
  /**
   * The carrier's answer to an offer of ours.
   * @returns the media server's words after that: its key is another one where the carrier's is new (SRTP)
   * @throws AppError `MEDIA_SERVER_FAILED` when it is of no use
   */
  accept(answer: string): Promise<string>
  /** A later offer of the carrier's; undefined when it cannot be taken. @throws as `accept` */
  reanswer(offer: string): Promise<string | undefined>
  /** The media server is gone, or let this call go: nothing of it can be used any more. Told once. */
  onLost(listener: () => void): void
  /** Idempotent; never rejects; waits 2 s at most. */
  close(): Promise<void>
}

export interface MediaServer {
  readonly isConnected: boolean
  /** Our own address on the way to it; undefined before it was ever reached. */
  readonly nearAddress: string | undefined
  /** @throws AppError `MEDIA_SERVER_FAILED`, within 5 s. */
  anchor(options: AnchorOptions): Promise<MediaAnchor>
  close(): Promise<void>
}
