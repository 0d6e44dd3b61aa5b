// How the audio of one session fared, in figures: told at its end, kept in the record, observed in metrics.

/** How one direction of the audio fared. */
export interface StreamQuality {
  readonly packets: number
  /** Packets missing; of what we sent as the far end's RTCP says, null when it sent none. */
  readonly lost: number | null
  /** Interarrival jitter (RFC 3550 §6.4.1), at its worst report; null when unknown. */
  readonly jitterMs: number | null
  /** Mean opinion score 1.0–4.5 by the E-model (ITU-T G.107); null when unknown. */
  readonly mos: number | null
}

/** Counters of one session, final once `close` resolved. */
export interface MediaStats {
  readonly received: StreamQuality
  readonly sent: StreamQuality
  /** Of RTCP, the median; null when the far end sent no reports. */
  readonly roundTripMs: number | null
  /** Datagrams that were not the caller's audio. */
  readonly packetsRejected: number
  /** Audio made up for lost packets. */
  readonly concealedMs: number
  readonly underruns: number
}
