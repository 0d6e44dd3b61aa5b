// Comfort noise by its level: 0 dBov is the law's largest square wave (RFC 3389 §3).
import t from 'tap'
import { ComfortNoise } from '../../../bridge/audio/comfort-noise.ts'
import { silentFrame } from '../../../bridge/audio/silence.ts'
import { TELEPHONE_CODECS } from '../../../core/contracts/index.ts'
import { decodeLine } from '../../support/line-audio.ts'
import { hann, powerSpectrum } from '../../support/spectrum.ts'

const OVERLOAD = { PCMU: 32_124, PCMA: 32_256 } as const

for (const codec of TELEPHONE_CODECS) {
  t.test(`${codec}: as loud as the packet says`, async (t) => {
    const noise = new ComfortNoise(codec)
    for (const level of [30, 40, 50, 60, 70]) {
      noise.setLevel(level)
      const samples = decodeLine(noise.make(16_000), codec)
      const power = samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length
      const got = 10 * Math.log10(power / OVERLOAD[codec] ** 2)
      t.comment(`−${level} dBov: ${got.toFixed(2)}`)
      // At −70 dBov the noise is smaller than A-law's first step.
      t.ok(Math.abs(got + level) < (level < 70 ? 0.5 : 2))
    }
  })

  t.test(`${codec}: nothing asked, nothing heard; and no shouting`, async (t) => {
    const noise = new ComfortNoise(codec)
    t.same(noise.make(160), silentFrame(codec))
    noise.setLevel(127)
    t.same(
      [...decodeLine(noise.make(160), codec)].filter((sample) => Math.abs(sample) > 8),
      [],
    )
    noise.setLevel(0)
    const loudest = Math.max(...decodeLine(noise.make(8000), codec))
    t.ok(loudest < OVERLOAD[codec] / 15, 'a hostile level is held to −30 dBov', { loudest })
  })
}

t.test('white: no frequency stands out, and no two pieces are the same', async (t) => {
  const noise = new ComfortNoise('PCMU')
  noise.setLevel(40)
  const first = noise.make(160)
  t.not(Buffer.compare(first, noise.make(160)), 0)
  const samples = decodeLine(noise.make(64_000), 'PCMU')
  const octaves = [0, 0, 0, 0]
  for (let at = 0; at + 256 <= samples.length; at += 256) {
    powerSpectrum(samples.subarray(at, at + 256), hann(256)).forEach((power, bin) => {
      if (bin > 1 && bin < 128) octaves[bin >> 5]! += power
    })
  }
  const spread = 10 * Math.log10(Math.max(...octaves) / Math.min(...octaves))
  t.ok(spread < 0.8, `${spread.toFixed(2)} dB between quarters of the band`)
})
