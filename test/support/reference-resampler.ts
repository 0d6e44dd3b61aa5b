// Resampling slowly and well, and quickly and badly: what production's resampler is compared with.
import type { Signal } from './spectrum.ts'

/** Zero crossings on each side: a transition of about 250 Hz at telephone rate, far steeper than production's. */
const HALF_WIDTH = 64

/** A telephone signal at a higher rate, with all it has below 4 kHz and nothing above, without delay. */
export function idealUpsample(samples: Signal, toHz: number): Float64Array {
  const output = new Float64Array(Math.floor((samples.length * toHz) / 8000))
  const kernels = new Map<number, Float64Array>()
  for (let at = 0; at < output.length; at += 1) {
    const position = at * 8000
    const whole = Math.floor(position / toHz)
    const remainder = position % toHz
    let kernel = kernels.get(remainder)
    if (kernel === undefined) {
      kernel = makeKernel(remainder / toHz)
      kernels.set(remainder, kernel)
    }
    let sum = 0
    for (let tap = 0; tap < kernel.length; tap += 1) {
      sum += kernel[tap]! * (samples[whole - HALF_WIDTH + 1 + tap] ?? 0)
    }
    output[at] = sum
  }
  return output
}

/** A sinc under a Blackman window, by multiplication with the sample's distance. */
function makeKernel(fraction: number): Float64Array {
  return Float64Array.from({ length: 2 * HALF_WIDTH }, (_, tap) => {
    const x = tap - HALF_WIDTH + 1 - fraction
    if (x === 0) return 1
    const turn = (Math.PI * x) / HALF_WIDTH
    const window = 0.42 + 0.5 * Math.cos(turn) + 0.08 * Math.cos(2 * turn)
    return (window * Math.sin(Math.PI * x)) / (Math.PI * x)
  })
}

/**
 * Speech at a higher rate as a microphone would give it: the telephone's band, and above 4.6 kHz a mirror image of it as
 * sibilants, which must not come back on the telephone.
 */
export function wideSpeech(telephone: Signal, rateHz: number, sibilants = 0.3): Float64Array {
  return idealUpsample(telephone, rateHz).map(
    (sample, at) => sample * (1 + sibilants * Math.cos((2 * Math.PI * 8000 * at) / rateHz)),
  )
}

export type Breakage = 'zero-order-hold' | 'linear'

/** What is often found in the field: each sample held until the next, or a straight line between samples. */
export function brokenResample(
  samples: Signal,
  fromHz: number,
  toHz: number,
  how: Breakage,
): Float64Array {
  const output = new Float64Array(Math.floor((samples.length * toHz) / fromHz))
  for (let at = 0; at < output.length; at += 1) {
    const position = (at * fromHz) / toHz
    const whole = Math.floor(position)
    const here = samples[whole] ?? 0
    const next = samples[whole + 1] ?? here
    output[at] = how === 'zero-order-hold' ? here : here + (next - here) * (position - whole)
  }
  return output
}

/** One sample of each 20 ms is lost, as by counting 319 samples for 320. */
export function dropSamples(samples: Signal, rateHz: number): Float64Array {
  const frame = Math.round(rateHz / 50)
  return Float64Array.from(samples).filter((_, at) => at % frame !== frame - 1)
}
