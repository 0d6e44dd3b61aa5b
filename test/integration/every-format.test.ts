// Through the whole product: each audio format of the agent on each codec of the line, both ways, by tone, by speech and
// by what an ear makes of it. All calls at once.
import t, { type Test } from 'tap'
import {
  AGENT_AUDIO_FORMATS,
  TELEPHONE_CODECS,
  type AgentAudioFormat,
  type TelephoneCodec,
} from '../../core/contracts/index.ts'
import type { CarrierCallRecord, PhoneScript } from '../../simulators/carrier/index.ts'
import type { AgentSessionRecord } from '../../simulators/elevenlabs/index.ts'
import { loadSpeech, toneUlaw } from '../../simulators/speech/index.ts'
import {
  exactFrequency,
  findSound,
  firstSound,
  levelDifferenceDb,
} from '../support/audio-compare.ts'
import { decodeLine, pcmSamples } from '../support/line-audio.ts'
import { eventually } from '../support/process.ts'
import { barkDistortion } from '../support/speech-quality.ts'
import { startProduct, type Product } from '../support/start-product.ts'
import { blackmanHarris, powerSpectrum } from '../support/spectrum.ts'
import { undisturbed } from '../support/undisturbed.ts'

/** Two conversions of G.711 make 5e-5; linear interpolation makes 0.03, one sample lost a frame 0.001. */
const MOST_DISTORTION = 2e-4
const TELEPHONE_RATE = 8000

const CALLER_TONE = toneUlaw(440, 1000)
const AGENT_TONE = toneUlaw(1000, 1000)
const CALLER_SPEECH = loadSpeech('caller-question')
const AGENT_SPEECH = loadSpeech('agent-goodbye')
const PAUSE = Buffer.alloc(8 * 500, 0xff)

interface Pairing {
  readonly format: AgentAudioFormat
  readonly codec: TelephoneCodec
  readonly number: string
}

const PAIRINGS: readonly Pairing[] = AGENT_AUDIO_FORMATS.flatMap((format, row) =>
  TELEPHONE_CODECS.map((codec, column) => ({
    format,
    codec,
    number: `+49301231${String(row * 2 + column + 10)}`,
  })),
)

const caller = (codec: TelephoneCodec): PhoneScript => [
  { codecs: [codec] },
  { ring: 200 },
  { answer: true },
  { hearUntilQuiet: 1000, maxMs: 15_000 },
  { say: { tone: 440, ms: 1000 } },
  { listen: 500 },
  { say: { speech: 'caller-question' } },
  { listen: 500 },
  { hangUp: true },
]

async function place(product: Product, { format, codec, number }: Pairing) {
  const agentId = `agent_${format}_${codec}`
  product.agent.script(agentId, {
    inputFormat: format,
    outputFormat: format,
    oddChunks: format !== 'ulaw_8000',
    firstMessage: { sound: { ulaw: Buffer.concat([AGENT_TONE, PAUSE, AGENT_SPEECH]) } },
    mode: 'silent',
    interruptible: false,
  })
  product.carrier.script(number, caller(codec))
  await product.view.place(number, { agent_id: agentId })
  const call = await product.carrier.waitForCall(
    ({ to, endedAt }) => to === number && endedAt === null,
    10_000,
  )
  await eventually('the end of the call', 60_000, () => call.endedAt !== null)
  const session = product.agent.sessions.findLast((each) => each.agentId === agentId)
  if (session === undefined) throw new Error(`no session of ${agentId}`)
  return { call, session }
}

/** Kept from working for longer, the callers in this process lose sound that the product never had. */
const MOST_STALL_MS = 60

/** All at once. */
const placeAll = (product: Product, pairings: readonly Pairing[]) =>
  undisturbed(
    MOST_STALL_MS,
    () => Promise.all(pairings.map((pairing) => place(product, pairing))),
    (calls) => calls.every(isWhole),
  )

const isWhole = ({ call, session }: Awaited<ReturnType<typeof place>>): boolean =>
  isAsLoud(session.callerAudio, CALLER_TONE) &&
  isAsLoud(call.rtpIn.audio, AGENT_TONE) &&
  isTheSame(speechOf(session.callerAudio, CALLER_SPEECH)) &&
  isTheSame(speechOf(call.rtpIn.audio, AGENT_SPEECH))

/** Of the tone, without its ends. */
const toneLevelDb = (heard: Uint8Array, sent: Uint8Array): number =>
  levelDifferenceDb(firstSound(heard).subarray(800, 7200), sent.subarray(800, 7200))

const isAsLoud = (heard: Uint8Array, sent: Uint8Array): boolean =>
  Math.abs(toneLevelDb(heard, sent)) <= 0.5

function sameTone(t: Test, heard: Uint8Array, sent: Uint8Array, hz: number): void {
  const frequency = exactFrequency(firstSound(heard), hz)
  t.ok(Math.abs(frequency - hz) <= 2, `${hz} Hz stays ${hz} Hz`)
  t.ok(isAsLoud(heard, sent), `${toneLevelDb(heard, sent).toFixed(2)} dB against what was sent`)
}

function speechOf(heard: Uint8Array, sent: Uint8Array) {
  const { correlation, found } = findSound(heard, sent)
  const samples = decodeLine(found, 'PCMU')
  return {
    correlation,
    distortion: barkDistortion(decodeLine(sent, 'PCMU'), samples, TELEPHONE_RATE),
  }
}

const isTheSame = ({ correlation, distortion }: ReturnType<typeof speechOf>): boolean =>
  correlation > 0.98 && distortion < MOST_DISTORTION

function sameSpeech(t: Test, heard: Uint8Array, sent: Uint8Array): number {
  const speech = speechOf(heard, sent)
  const { correlation, distortion } = speech
  const words = `correlation ${correlation.toFixed(4)}, Bark distortion ${distortion.toExponential(1)}`
  t.ok(isTheSame(speech), words)
  return distortion
}

/** The loudest thing beside the caller's tone in what the agent got, at the agent's own rate. */
function imageDb(wire: Uint8Array, rateHz: number): number {
  const samples = pcmSamples(wire)
  const size = 8192
  const first = samples.findIndex((sample) => Math.abs(sample) > 3000)
  const spectrum = powerSpectrum(
    samples.subarray(first + rateHz / 10, first + rateHz / 10 + size),
    blackmanHarris(size),
  )
  const loudest = Math.max(...spectrum)
  const above = Math.ceil((4600 * size) / rateHz)
  return 10 * Math.log10(Math.max(...spectrum.subarray(above)) / loudest)
}

function bothAreHeard(t: Test, call: CarrierCallRecord, session: AgentSessionRecord): void {
  sameTone(t, session.callerAudio, CALLER_TONE, 440)
  sameTone(t, call.rtpIn.audio, AGENT_TONE, 1000)
  const toAgent = sameSpeech(t, session.callerAudio, CALLER_SPEECH)
  const toCaller = sameSpeech(t, call.rtpIn.audio, AGENT_SPEECH)
  t.comment(
    `Bark distortion to agent ${toAgent.toExponential(1)}, to caller ${toCaller.toExponential(1)}`,
  )
}

t.test('each format on each codec carries both voices', async (t) => {
  const product = await startProduct(t)
  for (const half of [PAIRINGS.slice(0, 7), PAIRINGS.slice(7)]) {
    const calls = await placeAll(product, half)
    for (const [at, { call, session }] of calls.entries()) {
      const { format, codec } = half[at] ?? { format: '', codec: '' }
      await t.test(`${format} on ${codec}`, async (t) => {
        bothAreHeard(t, call, session)
        t.same(call.rtpIn.payloadTypes, [codec === 'PCMA' ? 8 : 0])
        t.same(call.protocolErrors, [])
        const rateHz = Number(/^pcm_(\d+)$/.exec(format)?.[1] ?? 0)
        if (rateHz > TELEPHONE_RATE) {
          const image = imageDb(session.callerWire, rateHz)
          t.ok(image < -50, `images ${image.toFixed(0)} dB below the tone`)
        }
      })
    }
  }
  await product.idle()
})
