// Concealment by itself: what is made up, how it fades, and that neither its beginning nor its end clicks.
import t from 'tap'
import { Concealer } from '../../../bridge/audio/concealer.ts'
import { g711 } from '../../../bridge/audio/g711.ts'
import { silentFrame } from '../../../bridge/audio/silence.ts'
import { TELEPHONE_CODECS, type TelephoneCodec } from '../../../core/contracts/index.ts'
import { decodeLine, encodeLine } from '../../support/line-audio.ts'
import { snrDb } from '../../support/speech-quality.ts'

/** A voice: a few harmonics, its pitch rising from one frequency to another within a second. */
function voice(fromHz: number, toHz = fromHz, samples = 8000): Int16Array {
  let turn = 0
  return Int16Array.from({ length: samples }, (_, at) => {
    turn += (2 * Math.PI * (fromHz + ((toHz - fromHz) * at) / 8000)) / 8000
    const tones = [0.5, 1, 0.7, 0.5, 0.3].map((part, k) => part * Math.sin((k + 1) * turn + k))
    return 4000 * tones.reduce((sum, tone) => sum + tone, 0)
  })
}

const rms = (samples: Int16Array): number =>
  Math.sqrt(samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length)

const silent = (samples: number, codec: TelephoneCodec): Uint8Array =>
  new Uint8Array(samples).fill(g711(codec).silence)

/** The line with holes of `hole` samples each `every`, filled or silent. */
function withHoles(
  line: Uint8Array,
  codec: TelephoneCodec,
  every: number,
  hole: number,
  fill: 'made up' | 'silence',
): Uint8Array {
  const concealer = new Concealer(codec)
  const pieces: Uint8Array[] = []
  for (let at = 0; at < line.length; at += every) {
    const end = Math.min(line.length, at + every)
    pieces.push(concealer.heard(line.subarray(at, end - hole)))
    const made = concealer.conceal(hole)
    pieces.push(fill === 'made up' ? made : silent(hole, codec))
  }
  return Buffer.concat(pieces)
}

for (const codec of TELEPHONE_CODECS) {
  t.test(`${codec}: what is heard is passed on as it is`, async (t) => {
    const concealer = new Concealer(codec)
    for (const length of [160, 80, 480, 1, 1000]) {
      const audio = encodeLine(voice(130).subarray(0, length), codec)
      const kept = Uint8Array.from(audio)
      t.equal(concealer.heard(audio), audio)
      t.same(audio, kept)
    }
  })

  t.test(`${codec}: a steady voice goes on as it was`, async (t) => {
    for (const hz of [70, 100, 125, 160, 200, 250, 320]) {
      const said = voice(hz)
      const line = encodeLine(said, codec)
      const concealer = new Concealer(codec)
      concealer.heard(line.subarray(0, 1000))
      const made = decodeLine(concealer.conceal(80), codec)
      const snr = snrDb(said.subarray(1000, 1080), made)
      t.comment(`${hz} Hz: 10 ms made up, ${snr.toFixed(1)} dB to what was said`)
      t.ok(snr > 10)
    }
  })

  t.test(`${codec}: full for 10 ms, 20 % less each 10 ms, silent after 60`, async (t) => {
    const concealer = new Concealer(codec)
    const line = encodeLine(voice(125), codec)
    concealer.heard(line.subarray(0, 1024))
    const full = rms(decodeLine(line.subarray(0, 1024), codec))
    // 64 samples are a period, so that each level is a whole one's.
    const made = decodeLine(concealer.conceal(800), codec)
    const levels = [0, 80, 160, 240, 320, 400].map(
      (at) => rms(made.subarray(at + 8, at + 72)) / full,
    )
    t.comment(levels.map((level) => level.toFixed(2)).join(' '))
    ;[1, 0.9, 0.7, 0.5, 0.3, 0.1].forEach((wanted, at) => {
      t.ok(Math.abs((levels[at] ?? 0) - wanted) < 0.06, `${at * 10} ms: ${wanted}`)
    })
    t.same(encodeLine(made.subarray(480), codec), silent(320, codec))
    t.same(concealer.conceal(160), silentFrame(codec))
    t.same(concealer.conceal(1000), silent(1000, codec))
  })

  t.test(`${codec}: any pieces make the same as the whole`, async (t) => {
    const line = encodeLine(voice(110, 140), codec)
    const whole = new Concealer(codec)
    const pieces = new Concealer(codec)
    whole.heard(line.subarray(0, 2000))
    for (let at = 0; at < 2000; at += 100) pieces.heard(line.subarray(at, at + 100))
    const once = whole.conceal(700)
    const often = [1, 79, 80, 13, 160, 7, 240, 100, 20].map((samples) => pieces.conceal(samples))
    t.same(Buffer.concat(often), Buffer.from(once))
    const heard = whole.heard(line.subarray(2700, 3020))
    const bits: Uint8Array[] = []
    for (let at = 2700; at < 3020; at += 10) bits.push(pieces.heard(line.subarray(at, at + 10)))
    t.same(Buffer.concat(bits), Buffer.from(heard))
    t.same(heard.subarray(40), line.subarray(2740, 3020), 'after 5 ms all is as it was')
    const next = line.subarray(3020, 3180)
    t.equal(whole.heard(next), next)
  })

  t.test(`${codec}: neither beginning nor end of a loss clicks`, async (t) => {
    let sharpestCut = 0
    for (const hole of [40, 80, 160, 320, 480, 800]) {
      const line = encodeLine(voice(100, 180), codec)
      const clean = sharpest(decodeLine(line, codec), 50, 0)
      const every = hole + 720
      const made = decodeLine(withHoles(line, codec, every, hole, 'made up'), codec)
      const cut = decodeLine(withHoles(line, codec, every, hole, 'silence'), codec)
      const begins = sharpest(made, every, every - hole) / clean
      const ends = sharpest(made, every, 0) / clean
      const silence = sharpest(cut, every, every - hole) / clean
      t.comment(
        `${hole / 8} ms: corner at the beginning ${begins.toFixed(2)}, at the end ${ends.toFixed(2)} of the voice’s` +
          ` own; silence cut in ${silence.toFixed(2)}`,
      )
      t.ok(begins < 1.3)
      t.ok(ends < 1.3)
      sharpestCut = Math.max(sharpestCut, silence)
    }
    t.ok(sharpestCut > 3, 'the measure hears a click')
  })

  t.test(`${codec}: repetitions of what does not repeat do not click either`, async (t) => {
    // Two tones that no period fits, smooth enough for a jump to stand out.
    const tones = Int16Array.from({ length: 16_000 }, (_, at) => {
      const turn = (2 * Math.PI * at) / 8000
      return 1500 * (Math.sin(151 * turn) + Math.sin(243.7 * turn))
    })
    const line = encodeLine(tones, codec)
    const own = cornerAfter(decodeLine(line, codec), 20, 20, 20)
    for (const hole of [80, 160, 320, 480]) {
      const every = hole + 730
      const made = decodeLine(withHoles(line, codec, every, hole, 'made up'), codec)
      const corner = cornerAfter(made, every, every - hole, hole + 50) / own
      t.comment(`${hole / 8} ms: sharpest corner ${corner.toFixed(2)} of the tones’ own`)
      t.ok(corner < 2)
    }
  })

  t.test(`${codec}: a quiet voice right after a loud sound keeps its pitch`, async (t) => {
    for (const hz of [100, 125, 160, 200]) {
      // Without normalisation the loud past would always fit best.
      const said = voice(hz).map((sample) => sample / 8)
      said.set(voice(77).subarray(0, 740), 0)
      const concealer = new Concealer(codec)
      concealer.heard(encodeLine(said.subarray(0, 960), codec))
      const made = decodeLine(concealer.conceal(80), codec)
      const snr = snrDb(said.subarray(960, 1040), made)
      t.comment(`${hz} Hz: ${snr.toFixed(1)} dB`)
      t.ok(snr > 10)
    }
  })

  t.test(`${codec}: silence where there is nothing to repeat`, async (t) => {
    const concealer = new Concealer(codec)
    t.same(concealer.conceal(200), silent(200, codec))
    concealer.heard(encodeLine(voice(125), codec))
    concealer.forget()
    t.same(concealer.conceal(160), silent(160, codec))
    concealer.forget()
    const line = encodeLine(voice(125), codec)
    t.equal(concealer.heard(line), line, 'and nothing to blend with')
  })
}

/** The sharpest corner (second difference) from just before each joint to 6 ms after it: what a click is. */
function sharpest(samples: Int16Array, every: number, joint: number): number {
  return cornerAfter(samples, every, joint === 0 ? every : joint, 48)
}

function cornerAfter(samples: Int16Array, every: number, first: number, length: number): number {
  let most = 0
  for (let at = first; at < samples.length; at += every) {
    for (let near = at - 2; near < at + length && near + 1 < samples.length; near += 1) {
      const corner = samples[near - 1]! - 2 * samples[near]! + samples[near + 1]!
      most = Math.max(most, Math.abs(corner))
    }
  }
  return most
}

t.test('what is made up never leaves 16 bits', async (t) => {
  const concealer = new Concealer('PCMU')
  // Full scale, with a jump at the end that the bridge has to take.
  const square = Int16Array.from({ length: 800 }, (_, at) => (at % 90 < 45 ? 32_000 : -32_000))
  concealer.heard(encodeLine(square, 'PCMU'))
  const made = decodeLine(concealer.conceal(480), 'PCMU')
  t.ok(made.every((sample) => Math.abs(sample) <= 32_124))
})

t.test('a loss right after a loss, and in the middle of a blend', async (t) => {
  const line = encodeLine(voice(120), 'PCMU')
  const concealer = new Concealer('PCMU')
  concealer.heard(line.subarray(0, 800))
  concealer.conceal(160)
  concealer.heard(line.subarray(960, 970))
  const again = decodeLine(concealer.conceal(80), 'PCMU')
  t.ok(rms(again) > 0.8 * rms(voice(120)), 'the fade begins anew with what was heard')
  const after = concealer.heard(line.subarray(1050, 1210))
  t.same(after.subarray(40), line.subarray(1090, 1210))
})
