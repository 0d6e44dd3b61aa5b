// Telephone speech at other rates: no image, no loss of level, no click at the edge of a piece; A-law by its own tables.
import alawmulaw from 'alawmulaw'
import t from 'tap'
import {
  alawToUlaw,
  decodeUlawSample,
  SincResampler,
  ulawToAlaw,
} from '../../../simulators/speech/index.ts'

const RATES = [16_000, 22_050, 24_000, 44_100, 48_000]
const AMPLITUDE = 16_000

const sine = (hz: number, rate: number, samples: number): Int16Array =>
  Int16Array.from(
    { length: samples },
    (_, at) => AMPLITUDE * Math.sin((2 * Math.PI * hz * at) / rate),
  )

/** Level of one frequency against the sine above, in dB, by a windowed Fourier sum. */
function levelAt(samples: Int16Array, hz: number, rate: number): number {
  const inner = samples.subarray(500, samples.length - 500)
  let real = 0
  let imaginary = 0
  inner.forEach((sample, at) => {
    const weight = 0.5 - 0.5 * Math.cos((2 * Math.PI * at) / inner.length)
    real += weight * sample * Math.cos((2 * Math.PI * hz * at) / rate)
    imaginary += weight * sample * Math.sin((2 * Math.PI * hz * at) / rate)
  })
  return 20 * Math.log10((4 * Math.hypot(real, imaginary)) / inner.length / AMPLITUDE)
}

t.test('up: as loud, and no image above −70 dB', async (t) => {
  for (const rate of RATES) {
    for (const hz of [300, 1000, 3300]) {
      const resampler = new SincResampler(8000, rate)
      const up = resampler.push(sine(hz, 8000, 8000))
      t.ok(Math.abs(levelAt(up, hz, rate)) < 0.1, `${rate} Hz: ${hz} Hz is as loud`)
      const image = levelAt(up, 8000 - hz, rate)
      t.ok(image < -70, `${rate} Hz: the image of ${hz} Hz is at ${image.toFixed(0)} dB`)
    }
  }
})

t.test('down: as loud, and nothing folds back', async (t) => {
  for (const rate of RATES) {
    const passes = new SincResampler(rate, 8000).push(sine(1000, rate, rate))
    t.ok(Math.abs(levelAt(passes, 1000, 8000)) < 0.1)
    const alias = new SincResampler(rate, 8000).push(sine(5000, rate, rate))
    const level = levelAt(alias, 3000, 8000)
    t.ok(level < -70, `${rate} Hz: 5000 Hz comes as 3000 Hz at ${level.toFixed(0)} dB`)
  }
})

t.test('in pieces as in one, and of the right length', async (t) => {
  for (const rate of RATES) {
    const whole = new SincResampler(8000, rate)
    const input = sine(440, 8000, 4000)
    const once = [...whole.push(input), ...whole.flush()]
    const pieces = new SincResampler(8000, rate)
    const parts: number[] = []
    for (let at = 0; at < input.length; at += 37) {
      parts.push(...pieces.push(input.subarray(at, at + 37)))
    }
    parts.push(...pieces.flush())
    t.strictSame(parts, once)
    t.ok(Math.abs(once.length - (4000 * rate) / 8000) <= 1, `${once.length} samples`)
  }
})

t.test(
  'A-law is decoded as the published tables have it, and loses no more than it must',
  async (t) => {
    const codes = Uint8Array.from({ length: 256 }, (_, code) => code)
    const ulaw = alawToUlaw(codes)
    codes.forEach((code) => {
      const linear = alawmulaw.alaw.decodeSample(code)
      const back = decodeUlawSample(ulaw[code]!)
      t.ok(Math.abs(back - linear) <= 8 + Math.abs(linear) / 32, `${linear} came as ${back}`)
    })
    t.equal(ulawToAlaw(Uint8Array.of(0xff))[0], 0xd5, 'silence stays silence')
  },
)
