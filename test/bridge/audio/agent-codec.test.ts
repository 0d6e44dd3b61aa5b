// Audio identity of each agent format with both laws, in both directions, by tone and by speech.
import t, { type Test } from 'tap'
import { createAgentCodec } from '../../../bridge/audio/agent-codec.ts'
import {
  AGENT_AUDIO_FORMATS,
  FRAME_BYTES,
  TELEPHONE_CODECS,
  type AgentAudioFormat,
  type TelephoneCodec,
} from '../../../core/contracts/index.ts'
import { loadSpeech } from '../../../simulators/speech/index.ts'
import {
  decodeLine,
  delayed,
  encodeLine,
  lineSpeech,
  pcmBytes,
  pcmSamples,
} from '../../support/line-audio.ts'
import { randomNumbers } from '../../support/packet-loss.ts'
import {
  brokenResample,
  dropSamples,
  idealUpsample,
  wideSpeech,
} from '../../support/reference-resampler.ts'
import { barkDistortion, snrDb } from '../../support/speech-quality.ts'
import {
  blackmanHarris,
  powerSpectrum,
  seeTone,
  sine,
  type Signal,
} from '../../support/spectrum.ts'

const TONE_HZ = 1013
const HIGH_TONE_HZ = 3400
/** No better is possible: G.711 itself has 33 dB and more for a tone (ITU-T G.712 §5). */
const G711_SNR_DB = 33
/** Images and aliases, in dB of the tone. */
const WORST_DB = -50
/** A hundredth of the distortion of the least broken resampler below, a drop of one sample in 960. */
const SAME_TO_THE_EAR = 2e-5
/** Coding into G.711 once more adds noise; to the ear it is 5e-5. */
const G711_DISTORTION = 2e-4
/** 2 ms, in samples of the telephone. */
const DELAY = 16

const rateOf = (format: AgentAudioFormat): number => Number(format.split('_')[1])
const isPcm = (format: AgentAudioFormat): boolean => format !== 'ulaw_8000'

/** What the agent sends or gets, as samples. */
const toFormat = (samples: Int16Array, format: AgentAudioFormat): Uint8Array =>
  isPcm(format) ? pcmBytes(samples) : encodeLine(samples, 'PCMU')
const fromFormat = (bytes: Uint8Array, format: AgentAudioFormat): Int16Array =>
  isPcm(format) ? pcmSamples(bytes) : decodeLine(bytes, 'PCMU')

/** In frames of 20 ms, as the call does it. */
function toAgent(line: Uint8Array, codec: TelephoneCodec, format: AgentAudioFormat): Int16Array {
  const agentCodec = createAgentCodec(format, format)
  const frames: Buffer[] = []
  for (let at = 0; at < line.length; at += FRAME_BYTES) {
    frames.push(Buffer.from(agentCodec.toAgent(line.subarray(at, at + FRAME_BYTES), codec)))
  }
  return fromFormat(Buffer.concat(frames), format)
}

/** In the pieces a socket brings: odd ones. */
function toCaller(
  samples: Int16Array,
  codec: TelephoneCodec,
  format: AgentAudioFormat,
): Uint8Array {
  const agentCodec = createAgentCodec(format, format)
  const bytes = toFormat(samples, format)
  const pieces: Buffer[] = []
  for (let at = 0; at < bytes.length; at += 1999) {
    pieces.push(Buffer.from(agentCodec.toCaller(bytes.subarray(at, at + 1999), codec)))
  }
  return Buffer.concat(pieces)
}

t.test('PCMU ⇄ ulaw_8000 are the same bytes', async (t) => {
  const codec = createAgentCodec('ulaw_8000', 'ulaw_8000')
  const codes = Uint8Array.from({ length: 256 }, (_, code) => code)
  t.equal(codec.toAgent(codes, 'PCMU'), codes)
  t.equal(codec.toCaller(codes, 'PCMU'), codes)
  t.same([...codes.keys()], [...codes], 'untouched')
})

for (const format of AGENT_AUDIO_FORMATS) {
  for (const codec of TELEPHONE_CODECS) {
    t.test(`${codec} → ${format}: tones`, async (t) => tonesToAgent(t, codec, format))
    t.test(`${format} → ${codec}: tones`, async (t) => tonesToCaller(t, codec, format))
    t.test(`${codec} → ${format}: speech`, async (t) => speechToAgent(t, codec, format))
    t.test(`${format} → ${codec}: speech`, async (t) => speechToCaller(t, codec, format))
  }
}

function tonesToAgent(t: Test, codec: TelephoneCodec, format: AgentAudioFormat): void {
  const rate = rateOf(format)
  for (const hz of [TONE_HZ, HIGH_TONE_HZ]) {
    const heard = toAgent(encodeLine(sine(hz, 8000, 6400), codec), codec, format).subarray(
      rate / 50,
    )
    isTheTone(t, seeTone(heard, rate, hz), hz)
    if (rate === 8000) continue
    const above = seeTone(heard, rate, hz, { fromHz: 4400, toHz: rate / 2 })
    t.comment(`${hz} Hz: the strongest image ${above.worstDb.toFixed(1)} dB`)
    t.ok(above.worstDb < WORST_DB, 'no image', above)
  }
}

function tonesToCaller(t: Test, codec: TelephoneCodec, format: AgentAudioFormat): void {
  const rate = rateOf(format)
  for (const hz of [TONE_HZ, HIGH_TONE_HZ]) {
    const heard = decodeLine(toCaller(sine(hz, rate, rate), codec, format), codec).subarray(160)
    isTheTone(t, seeTone(heard, 8000, hz), hz)
  }
  for (let hz = 4600; hz < rate / 2; hz += 1303) {
    const heard = decodeLine(toCaller(sine(hz, rate, rate / 2), codec, format), codec).subarray(160)
    const db =
      10 * Math.log10(heard.reduce((sum, x) => sum + x * x, 1) / heard.length / 16_000 ** 2) + 3
    t.ok(db < WORST_DB, `${hz} Hz comes back at ${db.toFixed(1)} dB`)
  }
}

function isTheTone(t: Test, seen: ReturnType<typeof seeTone>, hz: number): void {
  const level = 20 * Math.log10(seen.amplitude / 16_000)
  t.comment(`${hz} Hz: ${level.toFixed(3)} dB, signal to noise ${seen.snrDb.toFixed(1)} dB`)
  t.ok(Math.abs(level) < 0.1, 'level', seen)
  t.ok(seen.snrDb > G711_SNR_DB, 'noise', seen)
}

function speechToAgent(t: Test, codec: TelephoneCodec, format: AgentAudioFormat): void {
  const rate = rateOf(format)
  const line = lineSpeech('caller-question', codec)
  const sent = decodeLine(line, codec)
  const heard = toAgent(line, codec, format)
  t.equal(heard.length, Math.ceil((line.length * rate) / 8000), 'not a sample more or less')
  // Both filters look for samples beyond the end, each in its own way.
  const whole = (sent.length - 160) * (rate / 8000)
  const ideal = (rate === 8000 ? sent : idealUpsample(delayed(sent, DELAY), rate)).slice(0, whole)
  const distortion = barkDistortion(ideal, heard, rate)
  const snr = snrDb(ideal, heard)
  t.comment(`distortion ${distortion.toExponential(1)}, signal to noise ${snr.toFixed(1)} dB`)
  t.ok(distortion < (isPcm(format) ? SAME_TO_THE_EAR : G711_DISTORTION))
  t.ok(snr > (isPcm(format) ? 50 : G711_SNR_DB))
  if (rate === 8000) return
  const images = aboveDb(heard, rate, 4600)
  t.comment(`above 4600 Hz ${images.toFixed(1)} dB`)
  t.ok(images < WORST_DB, 'no images')
}

function speechToCaller(t: Test, codec: TelephoneCodec, format: AgentAudioFormat): void {
  const rate = rateOf(format)
  const said = decodeLine(loadSpeech('agent-goodbye'), 'PCMU')
  const wide = rate === 8000 ? said : Int16Array.from(wideSpeech(said, rate), Math.round)
  const heard = decodeLine(toCaller(wide, codec, format), codec)
  t.equal(heard.length, Math.ceil((wide.length * 8000) / rate), 'not a sample more or less')
  const sent = rate === 8000 ? said : delayed(said, DELAY)
  const distortion = barkDistortion(sent, heard, 8000)
  t.comment(
    `distortion ${distortion.toExponential(1)}, signal to noise ${snrDb(sent, heard).toFixed(1)} dB`,
  )
  t.ok(distortion < G711_DISTORTION)
  t.ok(snrDb(sent, heard) > G711_SNR_DB)
}

/** Power above a frequency, in dB of all. */
function aboveDb(samples: Signal, rateHz: number, hz: number): number {
  const size = 4096
  const window = blackmanHarris(size)
  let above = 0
  let all = 0
  for (let at = 0; at + size <= samples.length; at += size) {
    powerSpectrum(samples.subarray(at, at + size), window).forEach((power, bin) => {
      all += power
      if ((bin * rateHz) / size >= hz) above += power
    })
  }
  return 10 * Math.log10(above / all)
}

t.test('the ear-like measure hears a broken resampler', async (t) => {
  const said = decodeLine(loadSpeech('caller-question'), 'PCMU')
  for (const rate of [16_000, 48_000]) {
    const ideal = idealUpsample(said, rate)
    const wide = wideSpeech(said, rate)
    const broken = {
      'zero-order hold, up': barkDistortion(
        ideal,
        brokenResample(said, 8000, rate, 'zero-order-hold'),
        rate,
      ),
      'linear, up': barkDistortion(ideal, brokenResample(said, 8000, rate, 'linear'), rate),
      'a sample a frame lost, up': barkDistortion(ideal, dropSamples(ideal, rate), rate),
      'zero-order hold, down': barkDistortion(
        said,
        brokenResample(wide, rate, 8000, 'zero-order-hold'),
        8000,
      ),
      'linear, down': barkDistortion(said, brokenResample(wide, rate, 8000, 'linear'), 8000),
      'a sample a frame lost, down': barkDistortion(said, dropSamples(said, 8000), 8000),
    }
    t.comment(`${rate} Hz`, broken)
    for (const [how, distortion] of Object.entries(broken)) {
      const limit = how.endsWith('up') ? SAME_TO_THE_EAR : G711_DISTORTION
      t.ok(distortion > 5 * limit, `${how}: ${distortion.toExponential(1)}`)
    }
  }
})

t.test('bytes may be cut anywhere, even inside a sample', async (t) => {
  for (const format of AGENT_AUDIO_FORMATS) {
    const random = randomNumbers(7)
    const bytes = toFormat(sine(440, rateOf(format), 9001), format)
    const whole = Uint8Array.from(createAgentCodec(format, format).toCaller(bytes, 'PCMA'))
    const codec = createAgentCodec(format, format)
    const pieces: number[] = []
    for (let at = 0; at < bytes.length;) {
      const length = Math.floor(random() * 8)
      pieces.push(...codec.toCaller(bytes.subarray(at, at + length), 'PCMA'))
      at += length
    }
    t.same(pieces, [...whole], format)
  }
})

t.test('half a sample of an interrupted answer does not shift the next', async (t) => {
  for (const format of ['pcm_8000', 'pcm_16000'] as const) {
    const codec = createAgentCodec(format, format)
    const answer = pcmBytes(sine(440, rateOf(format), 1600))
    const first = Uint8Array.from(codec.toCaller(answer, 'PCMU'))
    codec.toCaller(answer.subarray(0, 333), 'PCMU')
    codec.resetOutput()
    t.same(codec.toCaller(answer, 'PCMU'), first, format)
  }
})

t.test('a line that changes its law in mid-call makes no click', async (t) => {
  const tone = sine(500, 8000, 1600)
  const change = 800
  for (const format of AGENT_AUDIO_FORMATS) {
    const codec = createAgentCodec(format, format)
    const before = Buffer.from(codec.toAgent(encodeLine(tone.subarray(0, change), 'PCMU'), 'PCMU'))
    const after = Buffer.from(codec.toAgent(encodeLine(tone.subarray(change), 'PCMA'), 'PCMA'))
    const heard = fromFormat(Buffer.concat([before, after]), format)
    const seen = seeTone(heard.subarray(rateOf(format) / 50), rateOf(format), 500)
    t.ok(seen.snrDb > G711_SNR_DB, format, seen)
  }
})

t.test('what comes out is not what went in: inputs are left alone', async (t) => {
  const codec = createAgentCodec('pcm_16000', 'pcm_16000')
  const line = encodeLine(sine(440, 8000, 160), 'PCMA')
  const kept = Uint8Array.from(line)
  codec.toAgent(line, 'PCMA')
  t.same(line, kept)
})

t.test('it says what it does', async (t) => {
  t.equal(createAgentCodec('ulaw_8000', 'ulaw_8000').describe(), 'ulaw_8000')
  t.equal(createAgentCodec('pcm_8000', 'pcm_8000').describe(), 'pcm_8000')
  t.equal(
    createAgentCodec('ulaw_8000', 'pcm_44100').describe(),
    'ulaw_8000 in, pcm_44100 (resampled 80:441) out',
  )
  t.equal(createAgentCodec('pcm_16000', 'pcm_16000').describe(), 'pcm_16000 (resampled 1:2)')
})
