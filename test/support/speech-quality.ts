// How different two pieces of speech sound. Bark spectral distortion (Wang, Sekey, Gersho: An objective measure for
// predicting subjective quality of speech coders, IEEE JSAC 10(5), 1992): both are turned into what an ear makes of
// them, loudness by critical band in short frames, and the difference is squared. It follows listeners' opinion of coders
// and losses, does not care for phase, and sees images in bands where speech has nothing. 0: they sound the same; 1: the
// difference is as loud as the speech.
import { hann, powerSpectrum, type Signal } from './spectrum.ts'

/** What a full-scale sine is played at: speech at −26 dB of it is then at 74 dB, as on a telephone held to the ear. */
const FULL_SCALE_SPL_DB = 100
const FULL_SCALE_AMPLITUDE = 32_768
/** 32 ms at 8 kHz, and up to 46 ms at rates without a fitting power of two. */
const FRAME_SECONDS = 0.032

/** Loudness in sone by frame and band. */
export type Loudness = readonly Float64Array[]

export function barkDistortion(reference: Signal, heard: Signal, rateHz: number): number {
  return loudnessDistance(loudness(reference, rateHz), loudness(heard, rateHz))
}

export function loudnessDistance(reference: Loudness, heard: Loudness): number {
  let difference = 0
  let whole = 0
  reference.forEach((bands, frame) => {
    bands.forEach((sone, band) => {
      difference += (sone - (heard[frame]?.[band] ?? 0)) ** 2
      whole += sone ** 2
    })
  })
  return difference / whole
}

/** Frames of a power of two of samples, each half over the one before. */
export function loudness(samples: Signal, rateHz: number): Loudness {
  const size = 2 ** Math.ceil(Math.log2(FRAME_SECONDS * rateHz))
  const ear = earOf(size, rateHz)
  const frames: Float64Array[] = []
  for (let at = 0; at + size <= samples.length; at += size / 2) {
    frames.push(hear(powerSpectrum(samples.subarray(at, at + size), ear.window), ear))
  }
  return frames
}

interface Ear {
  readonly window: Float64Array
  readonly bandOfBin: readonly number[]
  readonly bands: number
  /** How much of one band's power is felt in another. */
  readonly spreading: readonly Float64Array[]
  /** What is added to a band's power in dB to make it phon. */
  readonly phonOffset: Float64Array
}

const ears = new Map<string, Ear>()

function earOf(size: number, rateHz: number): Ear {
  const key = `${size}:${rateHz}`
  const known = ears.get(key)
  if (known !== undefined) return known
  const ear = makeEar(size, rateHz)
  ears.set(key, ear)
  return ear
}

function makeEar(size: number, rateHz: number): Ear {
  const window = hann(size)
  const bandOfBin = Array.from({ length: size / 2 + 1 }, (_, bin) =>
    Math.max(0, Math.floor(bark((bin * rateHz) / size))),
  )
  const bands = Math.max(...bandOfBin) + 1
  const spreading = Array.from({ length: bands }, (_, to) =>
    Float64Array.from({ length: bands }, (_, from) => spread(to - from)),
  )
  // The power a full-scale sine has in this transform, spread over its bins.
  const full = (FULL_SCALE_AMPLITUDE ** 2 / 4) * size * window.reduce((sum, w) => sum + w * w, 0)
  const calibration = FULL_SCALE_SPL_DB - 10 * Math.log10(full)
  const phonOffset = Float64Array.from(
    { length: bands },
    (_, band) => calibration + equalLoudnessDb(hertz(band + 0.5)),
  )
  return { window, bandOfBin, bands, spreading, phonOffset }
}

function hear(spectrum: Float64Array, ear: Ear): Float64Array {
  const power = new Float64Array(ear.bands)
  spectrum.forEach((value, bin) => {
    power[ear.bandOfBin[bin]!]! += value
  })
  return Float64Array.from(ear.spreading, (row, band) => {
    const felt = row.reduce((sum, share, from) => sum + share * power[from]!, 0)
    return sone(10 * Math.log10(felt + 1e-9) + ear.phonOffset[band]!)
  })
}

/** Critical bands (Traunmüller 1990). */
const bark = (hz: number): number => (26.81 * hz) / (1960 + hz) - 0.53
const hertz = (z: number): number => (1960 * (z + 0.53)) / (26.28 - z)

/** How far a sound in one band covers others (Schroeder, Atal, Hall 1979), as a share of power. */
function spread(distance: number): number {
  const x = distance + 0.474
  return 10 ** ((15.81 + 7.5 * x - 17.5 * Math.sqrt(1 + x * x)) / 10)
}

/** The ear's equal loudness at 40 dB (Hermansky 1990), in dB of 1 kHz. */
function equalLoudnessDb(hz: number): number {
  return 10 * Math.log10(equalLoudness(hz) / equalLoudness(1000))
}

function equalLoudness(hz: number): number {
  const w = (2 * Math.PI * hz) ** 2
  return ((w + 56.8e6) * w * w) / ((w + 6.3e6) ** 2 * (w + 0.38e9))
}

/** Loudness of a level (Bladon and Lindblom 1981). */
function sone(phon: number): number {
  if (phon <= 0) return 0
  return phon >= 40 ? 2 ** ((phon - 40) / 10) : (phon / 40) ** 2.642
}

/** 10 ms at the telephone's rate. */
const ENVELOPE_SAMPLES = 80
/** −50 dB of full scale: below it a frame is a pause. */
const PAUSE_POWER = (FULL_SCALE_AMPLITUDE ** 2 / 2) * 10 ** -5

/** How much the energy of 10 ms pieces differs where there is speech: root mean square, in dB; pauses count as −50 dB. */
export function envelopeDistanceDb(reference: Signal, heard: Signal): number {
  let sum = 0
  let frames = 0
  for (let at = 0; at + ENVELOPE_SAMPLES <= reference.length; at += ENVELOPE_SAMPLES) {
    const said = meanPower(reference.subarray(at, at + ENVELOPE_SAMPLES))
    if (said <= PAUSE_POWER) continue
    const came = Math.max(PAUSE_POWER, meanPower(heard.subarray(at, at + ENVELOPE_SAMPLES)))
    sum += (10 * Math.log10(came / said)) ** 2
    frames += 1
  }
  return Math.sqrt(sum / frames)
}

/** Power of the reference to that of the difference, sample by sample. */
export function snrDb(reference: Signal, heard: Signal): number {
  const difference = Float64Array.from(reference, (sample, at) => sample - (heard[at] ?? 0))
  return 10 * Math.log10(meanPower(reference) / meanPower(difference))
}

function meanPower(samples: Signal): number {
  let sum = 0
  for (const sample of samples) sum += sample * sample
  return sum / samples.length
}
