// How much of one sound is in another: exact frequency, level, and normalised cross-correlation of speech.
import { decodeUlaw } from '../../bridge/audio/g711.ts'
import { amplitudeAt } from './tone.ts'

const RATE = 8000

/** The strongest frequency near `around`, to a tenth of a hertz. */
export function exactFrequency(ulaw: Uint8Array, around: number): number {
  const samples = decodeUlaw(ulaw)
  let best = around
  let strongest = 0
  for (let hz = around - 20; hz <= around + 20; hz += 0.1) {
    const found = amplitudeAt(samples, hz)
    if (found > strongest) {
      strongest = found
      best = hz
    }
  }
  return best
}

/** Level of one against the other, in dB. */
export function levelDifferenceDb(one: Uint8Array, other: Uint8Array): number {
  return 10 * Math.log10(power(one) / power(other))
}

function power(ulaw: Uint8Array): number {
  const samples = decodeUlaw(ulaw)
  return samples.reduce((sum, sample) => sum + sample ** 2, 0) / Math.max(1, samples.length)
}

/** What sounds first: up to the first pause of `quietMs`, without the silence before it. */
export function firstSound(ulaw: Uint8Array, quietMs = 300): Uint8Array {
  const samples = decodeUlaw(ulaw)
  const first = samples.findIndex(isLoud)
  let last = first
  for (let at = Math.max(0, first); at < samples.length; at += 1) {
    if (isLoud(samples[at] ?? 0)) last = at
    else if (((at - last) * 1000) / RATE > quietMs) break
  }
  return first < 0 ? ulaw.subarray(0, 0) : ulaw.subarray(first, last + 1)
}

/** A hundredth of full scale. */
const isLoud = (sample: number): boolean => Math.abs(sample) > 327

export interface Match {
  /** 1: the same sound, whatever the level. */
  readonly correlation: number
  readonly offsetMs: number
  /** What was found, as long as what was sought. */
  readonly found: Uint8Array
}

/** Where in `heard` the sound `sought` is, and how alike they are there. Coarse by energy, then by sample. */
export function findSound(heard: Uint8Array, sought: Uint8Array): Match {
  const reference = decodeUlaw(sought)
  const samples = decodeUlaw(heard)
  const coarse = bestOffset(envelope(samples), envelope(reference), 1) * ENVELOPE_SAMPLES
  const around = Math.max(0, coarse - 2 * ENVELOPE_SAMPLES)
  const window = samples.subarray(around, coarse + reference.length + 2 * ENVELOPE_SAMPLES)
  const offset = around + bestOffset(window, reference, 1)
  const found = heard.subarray(offset, offset + sought.length)
  return {
    correlation: correlationAt(samples, reference, offset),
    offsetMs: (offset * 1000) / RATE,
    found,
  }
}

/** 5 ms of energy a value. */
const ENVELOPE_SAMPLES = 40

function envelope(samples: Int16Array): Float64Array {
  const energy = new Float64Array(Math.floor(samples.length / ENVELOPE_SAMPLES))
  for (let at = 0; at < energy.length * ENVELOPE_SAMPLES; at += 1) {
    const bin = Math.floor(at / ENVELOPE_SAMPLES)
    energy[bin] = (energy[bin] ?? 0) + Math.abs(samples[at] ?? 0)
  }
  const mean = energy.reduce((sum, value) => sum + value, 0) / Math.max(1, energy.length)
  return energy.map((value) => value - mean)
}

type Signal = Int16Array | Float64Array

function bestOffset(heard: Signal, sought: Signal, step: number): number {
  let best = 0
  let highest = -Infinity
  for (let offset = 0; offset + sought.length <= heard.length; offset += step) {
    const correlation = correlationAt(heard, sought, offset)
    if (correlation > highest) {
      highest = correlation
      best = offset
    }
  }
  return best
}

function correlationAt(heard: Signal, sought: Signal, offset: number): number {
  let product = 0
  let heardPower = 0
  let soughtPower = 0
  for (let at = 0; at < sought.length; at += 1) {
    const one = heard[offset + at] ?? 0
    const other = sought[at] ?? 0
    product += one * other
    heardPower += one * one
    soughtPower += other * other
  }
  const scale = Math.sqrt(heardPower * soughtPower)
  return scale === 0 ? 0 : product / scale
}

/** 50 ms: shorter than what a stalled machine leaves whole, longer than a period of any voice. */
const PIECE_SAMPLES = 400
/** A piece quieter than this, in mean magnitude, says nothing. */
const LEAST_MAGNITUDE = 300
/** How much earlier or later than the piece before it one may lie: clocks, and a thread that stood still. */
const NEAR_SAMPLES = 8
const FAR_MS = 300
const UNHARMED = 0.9

/**
 * How much of a sound is heard unharmed, piece by piece: a pause that was put in between harms one piece, not the rest.
 * @param pauseMs the longest such pause
 */
export function heardShare(
  heard: Uint8Array,
  sought: Uint8Array,
  offsetMs: number,
  pauseMs = FAR_MS,
): number {
  const far = (Math.max(pauseMs, FAR_MS) * RATE) / 1000
  const reference = decodeUlaw(sought)
  const samples = decodeUlaw(heard)
  let shift = Math.round((offsetMs * RATE) / 1000)
  let pieces = 0
  let unharmed = 0
  for (let at = 0; at + PIECE_SAMPLES <= reference.length; at += PIECE_SAMPLES) {
    const piece = reference.subarray(at, at + PIECE_SAMPLES)
    if (piece.reduce((sum, sample) => sum + Math.abs(sample), 0) < LEAST_MAGNITUDE * PIECE_SAMPLES)
      continue
    pieces += 1
    const found =
      pieceNear(samples, piece, at + shift, NEAR_SAMPLES) ??
      pieceNear(samples, piece, at + shift, Math.round(far))
    if (found === null) continue
    unharmed += 1
    shift = found - at
  }
  return pieces === 0 ? 0 : unharmed / pieces
}

function pieceNear(
  samples: Int16Array,
  piece: Int16Array,
  around: number,
  reach: number,
): number | null {
  const from = Math.max(0, around - reach)
  const window = samples.subarray(from, Math.max(from, around + reach + piece.length))
  if (window.length < piece.length) return null
  const offset = bestOffset(window, piece, 1)
  return correlationAt(window, piece, offset) >= UNHARMED ? from + offset : null
}
