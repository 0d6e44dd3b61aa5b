// Through the whole product: the habits of carriers and telephones, each in a call of its own and all of them at once.
// What is said is heard at both ends and in the recording, and what the record says of the line agrees with the phone.
import { setTimeout as sleep } from 'node:timers/promises'
import t, { type Test } from 'tap'
import type {
  CarrierCallRecord,
  PhoneHabit,
  PhoneScript,
  PhoneStep,
} from '../../simulators/carrier/index.ts'
import type { AgentScript, AgentSessionRecord } from '../../simulators/elevenlabs/index.ts'
import { loadSpeech, type SpeechName } from '../../simulators/speech/index.ts'
import { findSound, heardShare } from '../support/audio-compare.ts'
import { decodeLine, encodeLine } from '../support/line-audio.ts'
import { eventually } from '../support/process.ts'
import type { TimelineItem } from '../support/product-view.ts'
import { barkDistortion } from '../support/speech-quality.ts'
import { startProduct, type Product } from '../support/start-product.ts'
import { parseWav, type ReadWav } from '../support/wav-reading.ts'

const RATE = 8000
const AGENT_SAYS: SpeechName = 'agent-goodbye'
const QUIET_MS = 800
const AGENT: AgentScript = {
  firstMessage: { sound: { speech: AGENT_SAYS } },
  slowFirstAudioMs: 0,
  mode: 'silent',
  interruptible: false,
}
/** Bark distortion: two conversions of G.711 make 5e-5, one sample lost a frame 1e-3. */
const MOST_DISTORTION = 2e-4
/** Linear interpolation makes 0.03. */
const MOST_WITH_A_PIECE_MADE_UP = 0.02
/** Of what was said, piece by piece, where nothing gets lost and where one packet in twenty does. */
const ALL = 0.85
const LOSSY = 0.5
/** The recording keeps up with the clock a sample at a time, which harms this measure and hardly an ear. */
const CORRECTED = 0.5
/** What may be asked where the machine stood still: pauses in the sound, and what lies between them as good as ever. */
const INTERRUPTED = 0.25
/** The phones, the agent and our main thread are one thread here: it was elsewhere for this long. */
const STALL_MS = 100
const APART_MS = 100

interface Habit {
  readonly name: string
  readonly habits: readonly PhoneHabit[]
  /** In the place of what all say: the first words. */
  readonly steps?: readonly PhoneStep[]
  readonly says?: readonly SpeechName[]
  readonly never?: readonly SpeechName[]
  readonly payloadTypes?: readonly number[]
  readonly keys?: string
  readonly keySource?: 'rtp' | 'sip-info'
  /** The least that is heard unharmed. */
  readonly toAgent?: number
  readonly toCaller?: number
}

const HEARS: PhoneStep = { hearUntilQuiet: QUIET_MS, maxMs: 15_000 }
const say = (speech: SpeechName): PhoneStep => ({ say: { speech } })

const HABITS: readonly Habit[] = [
  { name: 'A-law', habits: [{ codecs: ['PCMA'] }], payloadTypes: [8] },
  { name: 'A-law first', habits: [{ codecs: ['PCMA', 'PCMU'] }], payloadTypes: [8] },
  { name: 'packets of 10 ms', habits: [{ packetMs: 10 }] },
  { name: 'packets of 30 ms', habits: [{ packetMs: 30 }, { codecs: ['PCMA'] }], payloadTypes: [8] },
  { name: 'packets of 60 ms', habits: [{ packetMs: 60 }] },
  { name: 'silence that is not sent', habits: [{ dtx: true }] },
  { name: 'silence that is not sent, in 30 ms', habits: [{ dtx: true }, { packetMs: 30 }] },
  { name: 'a fast clock', habits: [{ clockSkewPpm: 1000 }] },
  { name: 'a slow clock', habits: [{ clockSkewPpm: -1000 }] },
  { name: 'a network address translation', habits: [{ nat: { host: '127.0.0.9', port: 4000 } }] },
  { name: 'no reports', habits: [{ noRtcp: true }] },
  {
    name: 'reordering, repetition and jitter',
    habits: [
      {
        network: {
          sent: { reorderPercent: 5, duplicatePercent: 5 },
          received: { jitterMs: 20, duplicatePercent: 5 },
        },
      },
    ],
  },
  {
    name: 'loss both ways',
    habits: [{ network: { seed: 7, sent: { lossPercent: 5 }, received: { lossPercent: 5 } } }],
    toAgent: LOSSY,
    toCaller: LOSSY,
  },
  {
    name: 'loss in bursts',
    habits: [{ network: { seed: 3, sent: { lossPercent: 3, burstPackets: 2 } } }],
    toAgent: LOSSY,
  },
  {
    name: 'words before and right after the answer',
    habits: [],
    steps: [
      { earlyMedia: { speech: 'voicemail-greeting', ms: 1500 } },
      { answer: true },
      say('caller-question'),
      { listen: 3000 },
    ],
    never: ['voicemail-greeting'],
  },
  {
    name: 'words right after a hold, and after a consultation',
    habits: [],
    steps: [
      { answer: true },
      HEARS,
      say('caller-hello'),
      { hold: 'inactive' },
      { wait: 700 },
      { resume: true },
      say('caller-question'),
      { hold: 'sendonly' },
      { wait: 500 },
      { resume: true },
      say('operator-unavailable'),
    ],
    says: ['caller-hello', 'caller-question', 'operator-unavailable'],
  },
  {
    name: 'another codec in mid-call, and back',
    habits: [],
    steps: [
      { answer: true },
      HEARS,
      say('caller-hello'),
      { changeCodecs: ['PCMA'] },
      say('caller-question'),
      { changeCodecs: ['PCMU'] },
      say('operator-unavailable'),
    ],
    says: ['caller-hello', 'caller-question', 'operator-unavailable'],
    payloadTypes: [0, 8],
  },
  {
    name: 'keys as events',
    habits: [{ codecs: ['PCMA'] }],
    steps: [{ answer: true }, HEARS, { press: '19*#0' }, say('caller-question')],
    payloadTypes: [8],
    keys: '19*#0',
    keySource: 'rtp',
  },
  {
    name: 'keys by INFO',
    habits: [{ noTelephoneEvents: true }],
    steps: [
      { answer: true },
      HEARS,
      { pressInfo: '7' },
      { pressInfo: '#', as: 'dtmf' },
      say('caller-question'),
    ],
    keys: '7#',
    keySource: 'sip-info',
  },
]

interface Quality {
  readonly packets: number
  readonly lost: number | null
  readonly mos: number | null
}

/** `media.summary` as the API tells it. */
interface Summary {
  readonly received: Quality
  readonly sent: Quality
  readonly round_trip_ms: number | null
  readonly concealed_ms: number
}

interface Line {
  readonly habit: Habit
  readonly call: CarrierCallRecord
  readonly session: AgentSessionRecord
  readonly timeline: readonly TimelineItem[]
  readonly summary: Summary
  readonly recording: ReadWav
}

const scriptOf = ({ habits, steps }: Habit): PhoneScript => [
  ...habits,
  { ring: 100 },
  ...(steps ?? [{ answer: true }, HEARS, say('caller-question')]),
  { listen: 600 },
  { hangUp: true },
]

async function place(product: Product, habit: Habit, at: number): Promise<Line> {
  const number = `+49301232${at + 100}`
  product.carrier.script(number, scriptOf(habit))
  // Not all in the same moment: setting up a call is work for the thread that also is the phones.
  await sleep(at * APART_MS)
  const callId = await product.view.place(number)
  await product.view.ended(callId, 40_000)
  const call = product.carrier.calls.findLast(({ to }) => to === number)
  const [session] = product.sessionsOf(callId)
  if (call === undefined || session === undefined) throw new Error(`no call of ${habit.name}`)
  const timeline = await eventually('the recording in the store', 10_000, async () => {
    const items = await product.view.timeline(callId)
    return items.some(({ type }) => type === 'recording.stored') && items
  })
  const summary = timeline.find(({ type }) => type === 'media.summary')
  const file = await product.view.request(`/api/calls/${callId}/recording`)
  const recording = parseWav(Buffer.from(await file.arrayBuffer()))
  return { habit, call, session, timeline, summary: statsIn(summary), recording }
}

function statsIn(item: TimelineItem | undefined): Summary {
  if (item === undefined) throw new Error('no media.summary')
  return item as unknown as Summary
}

/** Where it was heard, in ms. */
function hears(t: Test, heard: Uint8Array, said: SpeechName, leastShare: number): number {
  const speech = loadSpeech(said)
  const { correlation, found, offsetMs } = findSound(heard, speech)
  const share = heardShare(heard, speech, offsetMs)
  t.ok(share >= leastShare, `${said}: ${(share * 100).toFixed(0)} % unharmed`)
  if (leastShare < ALL || correlation < 0.99) return offsetMs
  const distortion = barkDistortion(decodeLine(speech, 'PCMU'), decodeLine(found, 'PCMU'), RATE)
  // A piece that the machine made late was made up, and is counted in the share already.
  const most = share < 1 || correlation < 0.999 ? MOST_WITH_A_PIECE_MADE_UP : MOST_DISTORTION
  t.ok(distortion < most, `Bark distortion ${distortion.toExponential(1)}`)
  return offsetMs
}

/** A packet came this much later than its timestamp says, and no habit explains it. */
const hasStalled = ({ call, summary, habit }: Line): boolean =>
  call.rtpIn.maxDriftMs > STALL_MS || (habit.toAgent === undefined && summary.concealed_ms > 60)

const least = (line: Line, normal = ALL): number =>
  hasStalled(line) ? Math.min(normal, INTERRUPTED) : normal

/** How long the machine was elsewhere, by the packets that came late: no clock here can be trusted for more. */
const stoodStillMs = ({ call }: Line): number =>
  call.rtpIn.gaps.reduce((sum, { ms }) => sum + ms, 0)

function bothAreHeard(t: Test, line: Line): void {
  const { habit, call, session } = line
  const { says = ['caller-question'], never = [] } = habit
  const places = says.map((speech) =>
    hears(t, session.callerAudio, speech, least(line, habit.toAgent)),
  )
  const inOrder = places.toSorted((one, other) => one - other)
  t.same(places, inOrder, 'in the order it was said')
  hears(t, call.rtpIn.audio, AGENT_SAYS, least(line, habit.toCaller))
  for (const speech of never) {
    const { correlation } = findSound(session.callerAudio, loadSpeech(speech).subarray(0, RATE))
    t.ok(correlation < 0.4, `${speech} was not for the agent: ${correlation.toFixed(2)}`)
  }
  const { payloadTypes, ssrcs } = call.rtpIn
  t.same(payloadTypes.toSorted(), habit.payloadTypes ?? [0])
  t.equal(ssrcs.length, 1)
  t.same(call.protocolErrors, [])
}

/** The agent's clock is the caller's samples: as much as the call lasted, and not more. */
function timeIsKept(t: Test, line: Line): void {
  const { call, session, recording } = line
  const mostMs = 200 + stoodStillMs(line)
  const answeredMs = (call.endedAt ?? 0) - (call.answeredAt ?? 0)
  const agentMs = session.callerAudio.length / 8
  t.ok(Math.abs(agentMs - answeredMs) < mostMs, `${agentMs} ms for the agent of ${answeredMs}`)
  const { rate, channels } = recording
  t.equal(rate, RATE)
  t.equal(channels.length, 2)
  const recordedMs = (channels[0]?.length ?? 0) / 8
  t.ok(Math.abs(recordedMs - answeredMs) < mostMs, `${recordedMs} ms recorded of ${answeredMs}`)
  const { maxDriftMs } = call.rtpIn
  t.ok(maxDriftMs < mostMs, `${maxDriftMs.toFixed(0)} ms off the clock`)
}

function recordingLinesUp(t: Test, line: Line): void {
  const { habit, session, recording } = line
  if (hasStalled(line)) return
  const [left = new Int16Array(), right = new Int16Array()] = recording.channels
  const { says = ['caller-question'] } = habit
  const caller = encodeLine(left, 'PCMU')
  const mostMs = 100 + stoodStillMs(line)
  for (const speech of says) {
    const inFile = hears(t, caller, speech, Math.min(habit.toAgent ?? 1, CORRECTED))
    const atAgent = findSound(session.callerAudio, loadSpeech(speech)).offsetMs
    t.ok(
      Math.abs(inFile - atAgent) < mostMs,
      `${inFile} ms in the file, ${atAgent} ms for the agent`,
    )
  }
  const agentAt = hears(t, encodeLine(right, 'PCMU'), AGENT_SAYS, CORRECTED)
  if (habit.steps !== undefined) return
  // The phone speaks once it has heard so much quiet: that pause is in the file too.
  const agentEnds = agentAt + loadSpeech(AGENT_SAYS).length / 8
  const pauseMs = findSound(caller, loadSpeech('caller-question')).offsetMs - agentEnds
  t.ok(Math.abs(pauseMs - QUIET_MS) < mostMs + 250, `${pauseMs} ms between the two`)
}

function figuresAgree(t: Test, line: Line): void {
  const { habit, call, summary } = line
  const { received, sent, round_trip_ms: roundTripMs } = summary
  const { rtpIn, rtpOut, rtcp } = call
  const losses = habit.habits.map(
    (each) => ('network' in each && each.network.sent?.lossPercent) || 0,
  )
  // What left in the last moments of the call, when our end of it was closed already.
  const mostMissing = 6 + stoodStillMs(line) / 10
  const total = received.packets + (received.lost ?? 0)
  t.ok(
    Math.abs(total - rtpOut.packets) <= mostMissing,
    `${total} of ${rtpOut.packets} packets accounted for`,
  )
  if (losses.some((percent) => percent > 0)) t.ok((received.lost ?? 0) > 0)
  else t.equal(received.lost, 0)
  const ours = rtpIn.packets - rtpIn.duplicates + rtpIn.lost
  t.ok(Math.abs(sent.packets - ours) <= mostMissing, `${sent.packets} sent, ${ours} accounted for`)
  if (habit.habits.some((each) => 'noRtcp' in each)) {
    t.same([sent.lost, sent.mos, roundTripMs], [null, null, null])
    return
  }
  // The phone's last report is a second old at most: 50 packets of ours.
  t.ok(
    (sent.lost ?? -1) >= 0 && (sent.lost ?? 0) <= rtpIn.lost + 1,
    `${sent.lost} of ${rtpIn.lost}`,
  )
  t.ok((sent.lost ?? 0) >= rtpIn.lost - 8, `${sent.lost} of ${rtpIn.lost}`)
  t.ok(roundTripMs !== null && roundTripMs < 200, `round trip ${roundTripMs} ms`)
  t.ok(rtcp.received >= 1 && rtcp.malformed === 0, `${rtcp.received} reports`)
  t.ok((rtcp.farEnd?.lost ?? 99) <= (received.lost ?? 0), 'what our reports say was lost')
  t.ok((received.mos ?? 0) > 1 && (received.mos ?? 0) <= 4.5)
}

function keysArrive(t: Test, { habit, session, timeline }: Line): void {
  if (habit.keys === undefined) return
  const told = timeline.filter(({ type }) => type === 'dtmf')
  t.equal(told.length, habit.keys.length)
  const messages = JSON.stringify(session.otherMessages)
  for (const key of habit.keys.replace('#', ''))
    t.ok(messages.includes(key), `the agent is told of ${key}`)
  for (const item of told) t.match(JSON.stringify(item), `"source":"${habit.keySource}"`)
}

t.setTimeout(120_000)
t.test('whatever the line does, both are heard', { timeout: 110_000 }, async (t) => {
  const product = await startProduct(t, { agent: AGENT, settings: { RECORD_CALLS: 'always' } })
  let lines = await Promise.all(HABITS.map((habit, at) => place(product, habit, at)))
  const stalled = new Set(lines.filter(hasStalled).map(({ habit }) => habit))
  if (stalled.size > 0) {
    t.comment('the machine stood still: those calls once more')
    const again = HABITS.map((habit, at) => ({ habit, at })).filter(({ habit }) =>
      stalled.has(habit),
    )
    const better = await Promise.all(again.map(({ habit, at }) => place(product, habit, at)))
    lines = lines.map((line) => better.find(({ habit }) => habit === line.habit) ?? line)
  }
  for (const line of lines) {
    await t.test(line.habit.name, async (t) => {
      if (hasStalled(line))
        t.comment(
          `${stoodStillMs(line).toFixed(0)} ms elsewhere, ${line.call.rtpIn.maxDriftMs.toFixed(0)} at once: judged mildly`,
        )
      await t.test('both are heard', async (t) => bothAreHeard(t, line))
      await t.test('time is kept', async (t) => timeIsKept(t, line))
      await t.test('the recording lines up', async (t) => recordingLinesUp(t, line))
      await t.test('the figures agree', async (t) => figuresAgree(t, line))
      await t.test('keys arrive', async (t) => keysArrive(t, line))
    })
  }
  await product.idle()
})
