// What is said at one end is heard at the other: tones by frequency and level, speech by correlation, no holes.
import t, { type Test } from 'tap'
import type { CarrierCallRecord, PhoneScript } from '../../simulators/carrier/index.ts'
import type { AgentScript, AgentSessionRecord } from '../../simulators/elevenlabs/index.ts'
import { loadSpeech, toneUlaw } from '../../simulators/speech/index.ts'
import {
  exactFrequency,
  firstSound,
  findSound,
  levelDifferenceDb,
} from '../support/audio-compare.ts'
import { eventually } from '../support/process.ts'
import { startProduct, type Product } from '../support/start-product.ts'
import { longestGapMs } from '../support/tone.ts'
import { listener, type Listener } from '../support/undisturbed.ts'
import { calmMoment, STANDSTILL_MS } from '../../scripts/test-machine.ts'

const CALLER_TONE = toneUlaw(440, 2000)
const AGENT_TONE = toneUlaw(1000, 2000)
const CALLER_SPEECH = loadSpeech('caller-question')
const AGENT_SPEECH = loadSpeech('agent-reply')

/** The agent speaks tone and speech in one piece, silence between them; the caller waits, then does the same. */
const PAUSE = Buffer.alloc(8 * 500, 0xff)
const AGENT: AgentScript = {
  firstMessage: { sound: { ulaw: Buffer.concat([AGENT_TONE, PAUSE, AGENT_SPEECH]) } },
  mode: 'silent',
  interruptible: false,
}
const CALLER: PhoneScript = [
  { hearUntilQuiet: 1000, maxMs: 15_000 },
  { say: { tone: 440, ms: 2000 } },
  { listen: 500 },
  { say: { speech: 'caller-question' } },
  { listen: 500 },
  { hangUp: true },
]

function sameTone(t: Test, heard: Uint8Array, sent: Uint8Array, hz: number): void {
  const tone = firstSound(heard)
  const frequency = exactFrequency(tone, hz)
  t.ok(Math.abs(frequency - hz) <= 2, `${frequency.toFixed(1)} Hz`)
  const level = levelDifferenceDb(tone, sent)
  t.ok(Math.abs(level) <= 1, `${level.toFixed(2)} dB against what was sent`)
  t.ok(tone.length >= sent.length - 160, `${tone.length / 8} of ${sent.length / 8} ms arrived`)
  // A busy machine may hold up the phone or the gateway for a frame or two.
  t.ok(longestGapMs(tone) <= 60, `the longest gap is ${longestGapMs(tone)} ms`)
}

function sameSpeech(t: Test, heard: Uint8Array, sent: Uint8Array): void {
  const { correlation, found } = findSound(heard, sent)
  t.ok(correlation > 0.95, `correlation ${correlation.toFixed(4)}`)
  const level = levelDifferenceDb(found, sent)
  t.ok(Math.abs(level) <= 1, `${level.toFixed(2)} dB against what was sent`)
}

async function bothAreHeard(t: Test, call: CarrierCallRecord, session: AgentSessionRecord) {
  await t.test('the caller’s tone reaches the agent', async (t) =>
    sameTone(t, session.callerAudio, CALLER_TONE, 440),
  )
  await t.test('the caller’s speech reaches the agent', async (t) =>
    sameSpeech(t, session.callerAudio, CALLER_SPEECH),
  )
  await t.test('the agent’s tone reaches the caller', async (t) =>
    sameTone(t, call.rtpIn.audio, AGENT_TONE, 1000),
  )
  await t.test('the agent’s speech reaches the caller', async (t) =>
    sameSpeech(t, call.rtpIn.audio, AGENT_SPEECH),
  )
  await t.test('and nothing is missing on the way', async (t) => {
    const { holes, lost, late, malformed, outOfOrder, duplicates, payloadTypes } = call.rtpIn
    const faults = { lost, malformed, outOfOrder, duplicates, payloadTypes }
    t.same(faults, { lost: 0, malformed: 0, outOfOrder: 0, duplicates: 0, payloadTypes: [0] })
    t.same(
      holes.filter(({ ms }) => ms > STANDSTILL_MS),
      [],
      'no gap over 20 ms',
    )
    t.ok(call.rtpIn.timestampsFollowClock)
    t.comment(`${late} packets late, at most ${call.rtpIn.maxDriftMs.toFixed(1)} ms off the clock`)
    // A gap on the clock is jitter of this machine unless the timestamps show a hole too; the carrier keeps both.
    t.ok(call.rtpIn.gaps.every(({ ms }) => ms < 200))
    t.same(call.protocolErrors, [])
  })
}

/** Where a frame was skipped for want of a processor: what is left of each sound, in its order. */
async function mostIsHeard(
  t: Test,
  call: CarrierCallRecord,
  session: AgentSessionRecord,
  ear: Listener,
) {
  t.comment(`the machine stood still for ${ear.longestMs().toFixed(0)} ms`)
  t.ok(ear.hears(session.callerAudio, CALLER_TONE), 'the caller’s tone')
  t.ok(ear.hears(session.callerAudio, CALLER_SPEECH), 'the caller’s speech')
  t.ok(ear.hears(call.rtpIn.audio, AGENT_TONE), 'the agent’s tone')
  t.ok(ear.hears(call.rtpIn.audio, AGENT_SPEECH), 'the agent’s speech')
  const { lost, malformed, outOfOrder, duplicates, payloadTypes } = call.rtpIn
  const faults = { lost, malformed, outOfOrder, duplicates, payloadTypes }
  t.same(faults, { lost: 0, malformed: 0, outOfOrder: 0, duplicates: 0, payloadTypes: [0] })
  t.same(call.protocolErrors, [])
}

const ended = (call: CarrierCallRecord) =>
  eventually('the end of the call', 30_000, () => call.endedAt !== null && call)

async function outbound(product: Product): Promise<CarrierCallRecord> {
  const number = '+4930123400'
  product.carrier.script(number, [{ ring: 200 }, { answer: true }, ...CALLER])
  await product.view.place(number)
  return ended(
    await product.carrier.waitForCall(({ to, endedAt }) => to === number && endedAt === null, 5000),
  )
}

async function inbound(product: Product): Promise<CarrierCallRecord> {
  const to = `sip:+4930555100@${product.sipHost}:${product.sipPort}`
  return ended(await product.carrier.call({ to, from: '+4930700700', script: CALLER }))
}

t.test('what is said is heard, in both directions of both kinds of call', async (t) => {
  const product = await startProduct(t, { agent: AGENT })
  let { calls, ear } = await talk(t, product)
  for (let again = 0; again < 2 && calls.some(hasStalls); again += 1) {
    t.comment('the machine stood still for more than a frame: once more')
    await calmMoment()
    ;({ calls, ear } = await talk(t, product))
  }
  for (const call of calls) {
    const session = sessionOf(product, call)
    const isSpoilt = hasStalls(call) && ear.longestMs() > STANDSTILL_MS
    await t.test(`${call.direction} call`, (t) =>
      isSpoilt ? mostIsHeard(t, call, session, ear) : bothAreHeard(t, call, session),
    )
  }
  await product.idle()
})

async function talk(t: Test, product: Product) {
  const ear = listener(t)
  const calls = await Promise.all([outbound(product), inbound(product)])
  return { calls, ear }
}

/** A frame was skipped: the sender was not served for 20 ms. (Less is where a talk spurt starts off the tick.) */
const hasStalls = ({ rtpIn }: CarrierCallRecord): boolean =>
  rtpIn.holes.some(({ ms }) => ms >= STANDSTILL_MS)

/** The agent is told the direction as a dynamic variable. */
function sessionOf({ agent }: Product, { direction }: CarrierCallRecord): AgentSessionRecord {
  const session = agent.sessions.findLast(({ initiation }) => {
    const variables = initiation?.['dynamic_variables'] as Record<string, unknown> | undefined
    return variables?.['direction'] === direction
  })
  if (!session) throw new Error(`no agent session of the ${direction} call`)
  return session
}
