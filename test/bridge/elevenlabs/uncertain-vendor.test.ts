// Whatever is not known for certain of the vendor: our client lives with every value of every switch of the simulator,
// through a greeting, an interruption, an answer, a key, a tool and keys to be pressed; and with every named fault.
import { setTimeout as sleepFor } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { MALFORMED_NAMES } from '../../../simulators/elevenlabs/malformed-messages.ts'
import { FAULT_NAMES, NAMED_FAULTS } from '../../../simulators/elevenlabs/named-faults.ts'
import { UNCERTAINTIES } from '../../../simulators/elevenlabs/uncertainties.ts'
import type { AgentScript, ElevenLabsOptions } from '../../../simulators/elevenlabs/index.ts'
import { toneUlaw } from '../../../simulators/speech/index.ts'
import { API_KEY, eventually, setStage, type Stage } from './support.ts'

t.setTimeout(120_000)

const said = (lengthMs: number) => ({ sound: { toneHz: 440, lengthMs } })

/** Short, and with everything in it that a switch could change. */
const TALK: AgentScript = {
  firstMessage: said(2500),
  slowFirstAudioMs: 20,
  replies: [said(300)],
  replyDelayMs: 50,
  turnEndSilenceMs: 200,
  pingEveryMs: 300,
  tools: [{ name: 'look_up', afterMs: 20 }],
  dtmfRequest: { afterMs: 30, digits: '12#' },
}

const FRAME_BYTES = 160

function speak({ conversation }: Stage, sound: Buffer): void {
  for (let at = 0; at < sound.length; at += FRAME_BYTES)
    conversation.sendCallerAudio(sound.subarray(at, at + FRAME_BYTES), 'PCMU')
}

const answersOf = ({ vendor }: Stage): number =>
  vendor.sessions[0]?.otherMessages.filter(({ type }) => type === 'client_tool_result').length ?? 0

async function talk(t: Test, what: string, stage: Stage): Promise<void> {
  const { vendor, conversation, witness, logged } = stage
  conversation.open()
  await eventually(`${what}: the greeting`, () => witness.audio().length > 2000, 8000)
  speak(stage, toneUlaw(300, 300))
  await eventually(`${what}: the interruption`, () => witness.of('onInterrupted').length > 0, 8000)
  const heard = witness.audio().length
  speak(stage, Buffer.alloc(8 * 400, 0xff))
  await eventually(
    `${what}: an answer to be heard`,
    () => witness.audio().length >= heard + 300 * 8,
    8000,
  )
  conversation.pressed('5')
  await eventually(
    `${what}: the key`,
    () => vendor.sessions[0]?.otherMessages.some(({ text }) => text === '5') === true,
    8000,
  )
  await eventually(`${what}: the answer to the key`, () => vendor.sessions[0]?.replies === 2, 8000)
  await eventually(`${what}: the tool’s answer`, () => answersOf(stage) === 1, 8000)
  await eventually(`${what}: keys to press`, () => witness.of('onDigitsRequested').length > 0, 8000)
  t.strictSame(witness.of('onDigitsRequested'), [['12#']], `${what}: the keys`)
  conversation.close()
  await eventually(`${what}: the end`, () => vendor.sessions[0]?.closedAt !== null, 8000)
  t.match(vendor.sessions[0], { closedBy: 'client', closeCode: 1000 }, what)
  t.equal(vendor.sessions.length, 1, `${what}: one conversation`)
  t.same(witness.of('onFault'), [], `${what}: no fault`)
  t.notMatch(logged.join(), /malformed/, `${what}: all was read`)
}

const asSet = (script: AgentScript = {}, options: ElevenLabsOptions = {}) =>
  [
    { ...TALK, ...script },
    { vendor: { apiKey: API_KEY, ...options }, timing: { interDigitMs: 50 } },
  ] as const

/** What one is refused by is asked for below. */
const REFUSALS = new Set(['refusal', 'refusal-code', 'quota-code', 'upgrade-key'])

t.test('every value of every switch: a whole conversation', async (t) => {
  const values = UNCERTAINTIES.flatMap(({ name, values }) =>
    values.map((value) => ({ what: `${name}=${value.name}`, ...value })),
  )
  const lanes = 16
  const waiting = [...values]
  const lane = async (): Promise<void> => {
    for (let next = waiting.shift(); next; next = waiting.shift())
      await talk(t, next.what, await setStage(t, ...asSet(next.script, next.options)))
  }
  await Promise.all(Array.from({ length: lanes }, lane))
  t.ok(values.length > 50, `${values.length} values`)
})

const infinite = (_key: string, value: unknown): unknown =>
  value === Infinity ? 'Infinity' : value

t.test('each switch has values of its own, the default first', async (t) => {
  const names = UNCERTAINTIES.map(({ name }) => name)
  t.equal(new Set(names).size, names.length)
  for (const { name, values } of UNCERTAINTIES) {
    t.ok(values.length > 1, name)
    const different = new Set(
      values.map(({ script, options }) => JSON.stringify({ script, options }, infinite)),
    )
    t.equal(different.size, values.length, name)
  }
  for (const name of REFUSALS) t.ok(names.includes(name), name)
})

t.test('refused by status or by any code: told as refused, tried no more than twice', async (t) => {
  const styles: readonly ElevenLabsOptions[] = [
    { refusalStyle: 'http' },
    { refusalStyle: 'close' },
    { refusalStyle: 'close', refusalCode: 1008 },
    { refusalStyle: 'close', refusalCode: 3000 },
    { refusalStyle: 'close', refusalCode: 1002 },
  ]
  // A public client at a private agent, an agent that is not there, and no conversation left.
  const causes = [{ apiKey: 'k' }, { onlyScripted: true }, { maxSessions: 0 }]
  const cases = styles.flatMap((style) => causes.map((cause) => ({ ...style, ...cause })))
  await Promise.all(cases.map((vendor) => isRefused(t, vendor)))
})

async function isRefused(t: Test, options: ElevenLabsOptions): Promise<void> {
  const agent = { agentId: 'nobody', dynamicVariables: {} }
  const stage = await setStage(t, {}, { vendor: options, agent, apiKey: '' })
  stage.conversation.open()
  await stage.witness.until('onClosed', 8000)
  const what = JSON.stringify(options)
  t.match(stage.witness.of('onClosed'), [[{ reason: 'refused' }]], what)
  t.ok(stage.vendor.sessions.length <= 2, what)
}

/** How each fault ends when it comes each time; `talks`: it does not end the conversation. */
const ENDS: Readonly<Record<(typeof FAULT_NAMES)[number], string>> = {
  'refuse-401': 'refused',
  'refuse-403': 'refused',
  'refuse-404': 'refused',
  'refuse-429': 'refused',
  'refuse-503': 'refused',
  'signed-url-401': 'refused',
  'signed-url-403': 'refused',
  'signed-url-404': 'refused',
  'signed-url-429': 'refused',
  'signed-url-503': 'refused',
  'close-1002': 'dropped',
  'close-1008': 'refused',
  'close-1011': 'dropped',
  'close-4300': 'refused',
  queued: 'talks',
  quota: 'refused',
  full: 'refused',
  'no-metadata': 'refused',
  'slow-first-audio': 'talks',
  burst: 'talks',
  drop: 'dropped',
  freeze: 'dropped',
  silence: 'silent',
  malformed: 'talks',
}

t.test('every named fault ends as it should, or is lived with', async (t) => {
  t.strictSame(Object.keys(ENDS), FAULT_NAMES)
  await Promise.all(FAULT_NAMES.map((name) => faulty(t, name)))
})

async function faulty(t: Test, name: (typeof FAULT_NAMES)[number]): Promise<void> {
  const { script = {}, options = {} }: { script?: AgentScript; options?: ElevenLabsOptions } =
    NAMED_FAULTS[name]
  const timing = { metadataMs: 1000, silenceMs: 1500, pingAnswerMs: 500 }
  const stage = await setStage(
    t,
    { ...QUICK, ...sooner(script) },
    { vendor: { apiKey: API_KEY, ...options }, timing },
  )
  const { conversation, witness, vendor, logged } = stage
  conversation.open()
  const end = ENDS[name]
  if (end === 'talks' || end === 'silent') {
    await witness.until('onMetadata', 8000)
    if (end === 'talks') await witness.until('onAgentResponse', 12_000)
    else await sleepFor(1000)
    if (name === 'malformed') await sleepFor(MALFORMED_NAMES.length * 100 + 500)
    t.same(witness.of('onClosed'), [], `${name}: lived with`)
    t.equal(witness.of('onAudio').length > 0, end === 'talks', name)
    conversation.close()
    await eventually(`${name}: the end`, () => vendor.sessions[0]?.closedBy === 'client')
    const odd = logged.filter((line) => line.includes('agent message malformed')).length
    t.equal(odd, name === 'malformed' ? 1 : 0, `${name}: the first is logged, the others counted`)
    return
  }
  await witness.until('onClosed', 20_000)
  t.match(witness.of('onClosed'), [[{ reason: end }]], name)
  t.ok(vendor.sessions.length <= 2, name)
}

/** The same, for somebody who has no time. */
function sooner({
  slowFirstAudioMs,
  dropAfterMs,
  freezeAfterMs,
  ...script
}: AgentScript): AgentScript {
  return {
    ...script,
    ...(slowFirstAudioMs === undefined ? {} : { slowFirstAudioMs: slowFirstAudioMs / 4 }),
    ...(dropAfterMs === undefined ? {} : { dropAfterMs: dropAfterMs / 4 }),
    ...(freezeAfterMs === undefined ? {} : { freezeAfterMs: freezeAfterMs / 4 }),
  }
}

const QUICK: AgentScript = { pingEveryMs: 400, firstMessage: said(500) }
