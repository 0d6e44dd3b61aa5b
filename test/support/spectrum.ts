// What frequencies are in a piece of audio: a fast Fourier transform, and the loudest thing beside a tone.

export type Signal = Int16Array | Float64Array

/** Power by frequency, from 0 to half the rate, of as many samples as the window has (a power of two). */
export function powerSpectrum(samples: Signal, window: Float64Array): Float64Array {
  const size = window.length
  const real = new Float64Array(size)
  for (let at = 0; at < size; at += 1) real[at] = (samples[at] ?? 0) * window[at]!
  const imaginary = new Float64Array(size)
  transform(real, imaginary)
  return Float64Array.from(
    { length: size / 2 + 1 },
    (_, bin) => real[bin]! ** 2 + imaginary[bin]! ** 2,
  )
}

export function hann(size: number): Float64Array {
  return Float64Array.from(
    { length: size },
    (_, at) => 0.5 - 0.5 * Math.cos((2 * Math.PI * at) / size),
  )
}

/** Blackman-Harris, 4 terms (Harris 1978): nothing of a tone leaks further than 4 bins above −92 dB. */
export function blackmanHarris(size: number): Float64Array {
  const terms = [0.35875, -0.48829, 0.14128, -0.01168]
  return Float64Array.from({ length: size }, (_, at) =>
    terms.reduce((sum, term, k) => sum + term * Math.cos((2 * Math.PI * k * at) / size), 0),
  )
}
const LEAK_BINS = 6
/** What the strongest bin of a tone holds of it at least: 0.5, less when the tone is between two bins. */
const PEAK_SHARE = 0.4

export interface ToneSeen {
  /** Amplitude of a sine in sample units. */
  readonly amplitude: number
  /** The strongest other frequency within the band asked for, in dB of the tone. */
  readonly worstDb: number
  readonly worstHz: number
  /** Power of the tone to that of everything else up to half the rate, without the constant part. */
  readonly snrDb: number
}

/** Looks at the first power of two of samples; `fromHz` to `toHz` is where the strongest other frequency is sought. */
export function seeTone(
  samples: Signal,
  rateHz: number,
  hz: number,
  band: { readonly fromHz: number; readonly toHz: number } = { fromHz: 20, toHz: rateHz / 2 },
): ToneSeen {
  const size = 2 ** Math.floor(Math.log2(samples.length))
  const window = blackmanHarris(size)
  const spectrum = powerSpectrum(samples, window)
  const centre = Math.round((hz * size) / rateHz)
  let tone = 0
  let rest = 0
  let worst = 0
  let worstBin = 0
  spectrum.forEach((power, bin) => {
    if (bin <= LEAK_BINS) return
    if (Math.abs(bin - centre) <= LEAK_BINS) {
      tone += power
      return
    }
    rest += power
    const at = (bin * rateHz) / size
    if (at < band.fromHz || at > band.toHz || power <= worst) return
    worst = power
    worstBin = bin
  })
  const gain = window.reduce((sum, value) => sum + value ** 2, 0) * size
  return {
    amplitude: Math.sqrt((4 * tone) / gain),
    worstDb: 10 * Math.log10(worst / PEAK_SHARE / tone),
    worstHz: (worstBin * rateHz) / size,
    snrDb: 10 * Math.log10(tone / rest),
  }
}

export function sine(hz: number, rateHz: number, samples: number, amplitude = 16_000): Int16Array {
  return Int16Array.from({ length: samples }, (_, at) =>
    Math.round(amplitude * Math.sin((2 * Math.PI * hz * at) / rateHz)),
  )
}

/** In place, radix 2 (Cooley and Tukey 1965). */
function transform(real: Float64Array, imaginary: Float64Array): void {
  const size = real.length
  if (size < 2 || (size & (size - 1)) !== 0) throw new RangeError(`not a power of two: ${size}`)
  reorder(real, imaginary)
  for (let span = 1; span < size; span *= 2) {
    for (let k = 0; k < span; k += 1) {
      const cos = Math.cos((Math.PI * k) / span)
      const sin = -Math.sin((Math.PI * k) / span)
      for (let one = k; one < size; one += 2 * span) {
        const other = one + span
        const re = real[other]! * cos - imaginary[other]! * sin
        const im = real[other]! * sin + imaginary[other]! * cos
        real[other] = real[one]! - re
        imaginary[other] = imaginary[one]! - im
        real[one] = real[one]! + re
        imaginary[one] = imaginary[one]! + im
      }
    }
  }
}

function reorder(real: Float64Array, imaginary: Float64Array): void {
  const size = real.length
  for (let at = 1, other = 0; at < size; at += 1) {
    let bit = size >> 1
    for (; (other & bit) !== 0; bit >>= 1) other ^= bit
    other |= bit
    if (at >= other) continue
    ;[real[at], real[other]] = [real[other]!, real[at]!]
    ;[imaginary[at], imaginary[other]] = [imaginary[other]!, imaginary[at]!]
  }
}
