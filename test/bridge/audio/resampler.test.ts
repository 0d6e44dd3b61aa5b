// The resampler's response as measured, its counts over time, and that pieces make the same as the whole.
import t, { type Test } from 'tap'
import { createResampler } from '../../../bridge/audio/resampler.ts'
import { resamplingFilter } from '../../../bridge/audio/resampling-filter.ts'
import { randomNumbers } from '../../support/packet-loss.ts'
import { brokenResample, idealUpsample } from '../../support/reference-resampler.ts'
import { snrDb } from '../../support/speech-quality.ts'
import { seeTone, sine } from '../../support/spectrum.ts'

const RATES = [16_000, 22_050, 24_000, 44_100, 48_000]
const PAIRS = RATES.flatMap((rate) => [[8000, rate] as const, [rate, 8000] as const])
const AMPLITUDE = 16_000
/** From 300 to 3400 Hz, beside round numbers, so that nothing falls together with an image. */
const PASSBAND = [301, 501, 811, 1203, 1697, 2203, 2609, 3001, 3203, 3400]

function resample(input: Int16Array, fromHz: number, toHz: number): Int16Array {
  return createResampler(fromHz, toHz)!.process(input).slice()
}

interface Response {
  /** Least and most gain from 300 to 3400 Hz, in dB. */
  readonly gain: readonly [number, number]
  /** The strongest image or other stranger, in dB of its tone. */
  readonly strangerDb: number
  readonly strangerHz: number
}

/** Half a second of each tone, the filter's beginning left out. */
function measure(fromHz: number, toHz: number, run: typeof resample): Response {
  let low = Infinity
  let high = -Infinity
  let strangerDb = -Infinity
  let strangerHz = 0
  for (const hz of PASSBAND) {
    const heard = run(sine(hz, fromHz, fromHz / 2, AMPLITUDE), fromHz, toHz).subarray(toHz / 100)
    const seen = seeTone(heard, toHz, hz)
    const gain = 20 * Math.log10(seen.amplitude / AMPLITUDE)
    low = Math.min(low, gain)
    high = Math.max(high, gain)
    if (seen.worstDb <= strangerDb) continue
    strangerDb = seen.worstDb
    strangerHz = seen.worstHz
  }
  return { gain: [low, high], strangerDb, strangerHz }
}

/** What of tones from 4600 Hz on is heard, in dB of the tone. */
function aliasDb(fromHz: number): number {
  let worst = -Infinity
  for (let hz = 4600; hz < fromHz / 2; hz += hz < 5400 ? 100 : 787) {
    const heard = resample(sine(hz, fromHz, fromHz / 8, AMPLITUDE), fromHz, 8000).subarray(80)
    const power = heard.reduce((sum, sample) => sum + sample * sample, 0) / heard.length
    worst = Math.max(worst, 10 * Math.log10((2 * power) / AMPLITUDE ** 2))
  }
  return worst
}

for (const [fromHz, toHz] of PAIRS) {
  t.test(`${fromHz} to ${toHz} Hz: flat from 300 to 3400 Hz, without strangers`, async (t) => {
    const { gain, strangerDb, strangerHz } = measure(fromHz, toHz, resample)
    t.comment(
      `gain ${gain[0].toFixed(4)} to ${gain[1].toFixed(4)} dB; the strongest stranger ${strangerDb.toFixed(1)} dB` +
        ` at ${strangerHz.toFixed(0)} Hz`,
    )
    t.ok(gain[0] > -0.1 && gain[1] < 0.1)
    t.ok(strangerDb < -60)
    if (fromHz < toHz) return
    const alias = aliasDb(fromHz)
    t.comment(`tones from 4600 Hz on come back at ${alias.toFixed(1)} dB`)
    t.ok(alias < -60)
  })

  t.test(
    `${fromHz} to ${toHz} Hz: any pieces make the same as the whole, bit by bit`,
    async (t) => {
      const random = randomNumbers(fromHz + toHz)
      const noise = Int16Array.from({ length: 20_000 }, () => (random() - 0.5) * 60_000)
      // Stretches of one value, which take the short way.
      noise.fill(0, 3000, 6000).fill(-8, 9000, 9900).fill(31_000, 9900, 11_500)
      const whole = resample(noise, fromHz, toHz)
      for (const longest of [2, 200, 5000]) {
        const pieces = inPieces(noise, fromHz, toHz, () => Math.floor(random() * (longest + 1)))
        t.ok(Buffer.from(pieces.buffer).equals(Buffer.from(whole.buffer)), `up to ${longest}`)
      }
    },
  )
}

function inPieces(input: Int16Array, fromHz: number, toHz: number, next: () => number): Int16Array {
  const resampler = createResampler(fromHz, toHz)!
  const output: number[] = []
  for (let at = 0; at < input.length;) {
    const length = next()
    for (const sample of resampler.process(input.subarray(at, at + length))) output.push(sample)
    at += length
  }
  return Int16Array.from(output)
}

t.test('counts are exact for ten minutes of 20 ms frames and of odd pieces', async (t) => {
  for (const [fromHz, toHz] of PAIRS) {
    const frame = new Int16Array(fromHz / 50)
    const frames = createResampler(fromHz, toHz)!
    let uneven = 0
    for (let at = 0; at < 30_000; at += 1) {
      if (frames.process(frame).length !== toHz / 50) uneven += 1
    }
    t.equal(uneven, 0, `${fromHz} to ${toHz} Hz: each frame is ${toHz / 50} samples`)
    const odd = createResampler(fromHz, toHz)!
    let given = 0
    let made = 0
    for (let at = 0; at < 3000; at += 1) {
      // Not constant, so that the filter itself counts.
      const piece = new Int16Array((at * 37) % 211).fill(at % 3)
      given += piece.length
      made += odd.process(piece).length
    }
    t.equal(made, Math.ceil((given * toHz) / fromHz))
  }
})

t.test('the same, to 50 dB, as a filter four times as long', async (t) => {
  const random = randomNumbers(1)
  // Noise below 3.4 kHz: tones of any phase.
  const tones = Array.from({ length: 40 }, () => [100 + random() * 3300, random() * 6.28] as const)
  const line = Int16Array.from({ length: 4000 }, (_, at) =>
    tones.reduce((sum, [hz, phase]) => sum + 500 * Math.sin((6.2832 * hz * at) / 8000 + phase), 0),
  )
  for (const rate of RATES) {
    const late = new Int16Array(line.length)
    late.set(line.subarray(0, -16), 16)
    const from = rate / 50
    const snr = snrDb(
      idealUpsample(late, rate).slice(from, -from),
      resample(line, 8000, rate).slice(from, -from),
    )
    t.comment(`8000 to ${rate} Hz: ${snr.toFixed(1)} dB, 2 ms late`)
    t.ok(snr > 50)
  }
})

t.test('a peak stays a peak', async (t) => {
  for (const [fromHz, toHz] of PAIRS) {
    // A square wave at full scale overshoots any steep filter.
    const square = Int16Array.from({ length: 4000 }, (_, at) =>
      Math.floor((at * 800) / fromHz) % 2 === 0 ? 32_767 : -32_768,
    )
    const heard = resample(square, fromHz, toHz)
    const wrapped = heard.filter((sample, at) => Math.abs(sample - (heard[at - 1] ?? 0)) > 60_000)
    t.equal(wrapped.length, 0, `${fromHz} to ${toHz} Hz`)
    t.ok(heard.includes(32_767) && heard.includes(-32_768), 'and it did overshoot')
  }
})

t.test('nothing of before is heard after a reset', async (t) => {
  for (const [fromHz, toHz] of PAIRS) {
    const resampler = createResampler(fromHz, toHz)!
    const first = resampler.process(sine(700, fromHz, 1001)).slice()
    resampler.reset()
    t.same(resampler.process(sine(700, fromHz, 1001)), first)
    resampler.reset()
    t.ok(resampler.process(new Int16Array(500)).every((sample) => sample === 0))
  }
})

t.test('filters are designed once, and only between the telephone and another rate', async (t) => {
  t.equal(resamplingFilter(8000, 22_050), resamplingFilter(8000, 22_050))
  t.equal(createResampler(8000, 8000), null)
  t.throws(() => createResampler(16_000, 48_000), RangeError)
})

t.test('the measurement sees a bad resampler', async (t) => {
  for (const how of ['zero-order-hold', 'linear'] as const) {
    const broken = (input: Int16Array, fromHz: number, toHz: number): Int16Array =>
      Int16Array.from(brokenResample(input, fromHz, toHz, how), Math.round)
    const response = measure(8000, 16_000, broken)
    t.comment(how, response)
    seesBroken(t, response)
  }
})

function seesBroken(t: Test, { gain, strangerDb }: Response): void {
  t.ok(gain[0] < -0.5, 'the high tones are dull')
  t.ok(strangerDb > -20, 'images')
}
