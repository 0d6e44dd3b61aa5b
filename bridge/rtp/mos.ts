// How a call sounds, as a mean opinion score: the E-model of ITU-T G.107 (06/2015) with its default values (table 3) for
// all but delay, loss and codec; the codec's values from G.113 appendix I.

/** G.711 of 20 ms packets: without loss nothing is lost of it. */
const IE_G711 = 0
/** Robustness against loss: with concealment after G.711 appendix I, and without. */
const BPL_CONCEALED = 25.1
const BPL_BARE = 4.3
/** Table 3: basic signal-to-noise ratio and simultaneous impairments, all defaults (7-1 to 7-17). */
const RO = 94.7688
const IS = 1.4136
/** Sum of noise, at the 0 dBr point (7-2), receive loudness rating, talker echo loudness, weighted echo path loss. */
const NO = -61.179
const RLR = 2
const TELR = 65
const WEPL = 110

export interface StreamConditions {
  /** Mouth to ear, one way. */
  readonly delayMs: number
  /** 0 to 1. */
  readonly lossRatio: number
  /** Mean packets lost at once; 1 when each is lost alone. */
  readonly lossBurst: number
  readonly isConcealed: boolean
}

/** Transmission rating: 93.2 at best, 0 at worst. */
export function ratingOf(conditions: StreamConditions): number {
  const delayMs = Math.max(0, conditions.delayMs)
  const impairments = talkerEcho(delayMs) + listenerEcho(2 * delayMs) + pureDelay(delayMs)
  return Math.max(0, RO - IS - impairments - equipment(conditions))
}

/** Mean opinion score 1.0 to 4.5 (annex B). */
export function mosOfRating(rating: number): number {
  if (rating <= 0) return 1
  if (rating >= 100) return 4.5
  const mos = 1 + 0.035 * rating + rating * (rating - 60) * (100 - rating) * 7e-6
  // The formula dips below 1 for ratings under 6.5.
  return Math.max(1, mos)
}

export const mosOf = (conditions: StreamConditions): number => mosOfRating(ratingOf(conditions))

/** (7-29) Loss in bursts hurts more than the same loss at random. */
function equipment({ lossRatio, lossBurst, isConcealed }: StreamConditions): number {
  const ratio = Math.min(1, Math.max(0, lossRatio))
  const percent = ratio * 100
  // G.107 §7.5: the mean burst beside that of random loss, which is 1 / (1 − loss).
  const burstRatio = Math.max(1, lossBurst * (1 - ratio))
  const robustness = isConcealed ? BPL_CONCEALED : BPL_BARE
  return IE_G711 + ((95 - IE_G711) * percent) / (percent / burstRatio + robustness)
}

/** (7-19 to 7-22) Idte. */
function talkerEcho(delayMs: number): number {
  const loss =
    TELR -
    40 * Math.log10((1 + delayMs / 10) / (1 + delayMs / 150)) +
    6 * Math.exp(-0.3 * delayMs ** 2)
  const echo = 80 + 2.5 * (loss - 14)
  const reference = -1.5 * (NO - RLR)
  const half = (reference - echo) / 2
  return (half + Math.sqrt(half ** 2 + 100) - 1) * (1 - Math.exp(-delayMs))
}

/** (7-25, 7-26) Idle. */
function listenerEcho(roundTripMs: number): number {
  const echo = 10.5 * (WEPL + 7) * (roundTripMs + 1) ** -0.25
  const half = (RO - echo) / 2
  return half + Math.sqrt(half ** 2 + 169)
}

/** (7-27, 7-28) Idd: people begin to talk at once. */
function pureDelay(delayMs: number): number {
  if (delayMs <= 100) return 0
  const x = Math.log2(delayMs / 100)
  return 25 * ((1 + x ** 6) ** (1 / 6) - 3 * (1 + (x / 3) ** 6) ** (1 / 6) + 2)
}
