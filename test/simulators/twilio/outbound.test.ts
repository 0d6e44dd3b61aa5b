// Calls that are placed: their outcomes, what is told of them and how it arrives, machine detection, Dial, the queue.
import { setTimeout as sleep } from 'node:timers/promises'
import t, { type Test } from 'tap'
import type { CallScript, SimulatedCall, TwilioOptions } from '../../../simulators/twilio/index.ts'
import {
  officialClient,
  openVoiceApp,
  twiml,
  type Answers,
  type VoiceAnswer,
  type VoiceApp,
  type VoiceRequest,
} from './voice-app.ts'

const CALLEE = '+4930900001'
const EVENTS = ['initiated', 'ringing', 'answered', 'completed']

interface Placed {
  readonly app: VoiceApp
  readonly call: SimulatedCall
  /** Status and number of each callback as it arrived. */
  readonly told: () => string[]
}

async function place(
  t: Test,
  script: CallScript,
  more: Record<string, unknown> = {},
  options: TwilioOptions = {},
  answers: Answers = {},
): Promise<Placed> {
  const app = await openVoiceApp(
    t,
    {
      '/voice': twiml('<Say>Hello</Say><Pause length="3"/>'),
      '/status': { status: 204 },
      '/amd': { status: 204 },
      ...answers,
    },
    options,
  )
  app.twilio.script(CALLEE, script)
  const { sid } = await officialClient(app.twilio).calls.create({
    to: CALLEE,
    from: app.twilio.phoneNumber,
    url: `${app.url}/voice`,
    statusCallback: `${app.url}/status`,
    statusCallbackEvent: EVENTS,
    ...more,
  })
  const call = await app.twilio.waitForCall((each) => each.sid === sid)
  const told = (): string[] =>
    app.of('/status').map(({ params }) => `${params['CallStatus']} ${params['SequenceNumber']}`)
  return { app, call, told }
}

const ALL = ['initiated 0', 'ringing 1', 'in-progress 2', 'completed 3']

t.test('answered: told in order, each with its number', async (t) => {
  const { app, call, told } = await place(t, {})
  t.equal(await call.waitForEnd(), 'completed')
  t.same(told(), ALL)
  t.ok(app.requests.every(({ isSigned }) => isSigned))
  t.match(app.of('/status')[0]?.params, {
    CallbackSource: 'call-progress-events',
    Timestamp: /^\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d \+0000$/,
    Direction: 'outbound-api',
  })
  t.match(app.of('/status').at(-1)?.params, { CallDuration: '1', Duration: '1' })
  t.match(app.of('/voice')[0]?.params, { CallStatus: 'in-progress', Direction: 'outbound-api' })
})

t.test('nobody picks up before it was told that it rings', async (t) => {
  let isTold = false
  const slow = async ({ params }: VoiceRequest): Promise<VoiceAnswer> => {
    if (params['CallStatus'] === 'ringing') {
      await sleep(200)
      isTold = true
    }
    return { status: 204 }
  }
  const toldAtAnswer: boolean[] = []
  const voice = (): VoiceAnswer => {
    toldAtAnswer.push(isTold)
    return twiml('<Hangup/>')
  }
  const inOrder = await place(t, {}, {}, {}, { '/status': slow, '/voice': voice })
  t.equal(await inOrder.call.waitForEnd(), 'completed')
  isTold = false
  const script: CallScript = { statusCallbacks: { ringing: 'late' }, lateMs: 1500 }
  const late = await place(t, script, {}, {}, { '/status': slow, '/voice': voice })
  t.equal(await late.call.waitForEnd(), 'completed')
  t.same(toldAtAnswer, [true, false], 'unless the script says that it comes late')
})

t.test('outcomes without an answer', async (t) => {
  const outcomes = [
    ['busy', ['initiated 0', 'ringing 1', 'busy 2'], '486'],
    ['no-answer', ['initiated 0', 'ringing 1', 'no-answer 2'], '487'],
    ['failed', ['initiated 0', 'failed 1'], '404'],
  ] as const
  for (const [outcome, expected, sip] of outcomes) {
    const { app, call, told } = await place(t, { outcome }, { timeout: 5 })
    t.equal(await call.waitForEnd(), outcome)
    t.same(told(), expected)
    t.match(app.of('/status').at(-1)?.params, { CallDuration: '0', SipResponseCode: sip })
    t.equal(app.of('/voice').length, 0, 'nobody answered: no TwiML')
  }
})

t.test('it rings no longer than asked', async (t) => {
  const { call } = await place(t, { ringMs: 5000 }, { timeout: 5 })
  t.equal(await call.waitForEnd(), 'no-answer')
})

t.test('callbacks twice, late, last one first, forged, lost', async (t) => {
  const twice = await place(t, { statusCallbacks: 'repeated' })
  await twice.call.waitForEnd()
  t.same(
    twice.told(),
    ALL.flatMap((each) => [each, each]),
  )
  const late = await place(t, { statusCallbacks: { answered: 'late' }, lateMs: 200 })
  await late.call.waitForEnd()
  t.same(late.told(), ['initiated 0', 'ringing 1', 'completed 3', 'in-progress 2'])
  const reversed = await place(t, { statusCallbacks: 'reversed' })
  await reversed.call.waitForEnd()
  t.same(reversed.told(), ALL.toReversed())
  const forged = await place(t, { statusCallbacks: { completed: 'forged' } })
  await forged.call.waitForEnd()
  t.same(
    forged.app.of('/status').map(({ isSigned }) => isSigned),
    [true, true, true, false],
  )
  const lost = await place(t, { statusCallbacks: { completed: 'lost', ringing: 'lost' } })
  await lost.call.waitForEnd()
  t.same(lost.told(), ['initiated 0', 'in-progress 2'])
})

t.test('events that were not asked for are not told', async (t) => {
  const { call, told } = await place(t, {}, { statusCallbackEvent: undefined })
  await call.waitForEnd()
  t.same(told(), ['completed 0'])
})

t.test('machine detection: beside the TwiML, or before it', async (t) => {
  const detection = {
    machineDetection: 'DetectMessageEnd',
    asyncAmd: 'true',
    asyncAmdStatusCallbackMethod: 'POST',
  }
  const beside = async (script: CallScript): Promise<Placed> => {
    const app = await openVoiceApp(t, {
      '/voice': twiml('<Pause length="30"/>'),
      '/amd': { status: 204 },
    })
    app.twilio.script(CALLEE, script)
    await officialClient(app.twilio).calls.create({
      to: CALLEE,
      from: app.twilio.phoneNumber,
      url: `${app.url}/voice`,
      ...detection,
      asyncAmdStatusCallback: `${app.url}/amd`,
    })
    const call = await app.twilio.waitForCall(0)
    await call.waitForEnd()
    return { app, call, told: () => [] }
  }
  const machine = await beside({ answeredBy: 'machine', verdictMs: 120 })
  t.match(machine.app.of('/amd'), [
    {
      isSigned: true,
      params: {
        CallSid: machine.call.sid,
        AnsweredBy: 'machine_end_beep',
        MachineDetectionDuration: '120',
      },
    },
  ])
  t.notOk('AnsweredBy' in (machine.app.of('/voice')[0]?.params ?? {}))
  t.equal(machine.call.answeredBy, 'machine_end_beep')
  const nothing = await beside({ answeredBy: null })
  t.equal(nothing.app.of('/amd').length, 0)
  const gone = await beside({ hangUpAfterMs: 20, verdictMs: 100 })
  t.equal(gone.app.of('/amd').length, 0, 'the call was over')
  const before = await place(t, { answeredBy: 'machine' }, { machineDetection: 'Enable' })
  await before.call.waitForEnd()
  t.match(before.app.of('/voice')[0]?.params, { AnsweredBy: 'machine_start' })
})

t.test('so many calls a second; the others queue', async (t) => {
  const app = await openVoiceApp(t, {}, { callsPerSecond: 10 })
  const client = officialClient(app.twilio)
  const from = app.twilio.phoneNumber
  const placed = await Promise.all(
    Array.from({ length: 4 }, () => client.calls.create({ to: CALLEE, from, twiml: twiml('') })),
  )
  await Promise.all(app.twilio.calls.map((call) => call.waitForEnd()))
  const done = await Promise.all(placed.map(({ sid }) => client.calls(sid).fetch()))
  const waited = done.map(({ queueTime }) => Number(queueTime)).toSorted((a, b) => a - b)
  t.equal(waited[0], 0)
  t.ok((waited[3] ?? 0) > 200, `${waited.join()} ms`)
})

t.test('Dial: outcomes, the action, callbacks of the second call', async (t) => {
  const number = (inside: string): string =>
    `<Number statusCallback="/child" statusCallbackEvent="initiated ringing answered completed">${inside}</Number>`
  const app = await openVoiceApp(t, {
    '/voice': twiml(`<Dial action="/done" timeout="5">${number('+4930900009')}</Dial>`),
    '/plain': twiml('<Dial>+4930900009</Dial><Say>Back</Say>'),
    '/wrong': twiml('<Dial action="/done">0309</Dial>'),
    '/done': ({ params }) => twiml(`<Say>${params['DialCallStatus'] ?? ''}</Say>`),
    '/child': { status: 204 },
  })
  for (const outcome of ['completed', 'no-answer', 'busy', 'failed'] as const) {
    const call = app.twilio.callIn({
      voiceUrl: `${app.url}/voice`,
      script: { onDial: () => ({ outcome, ringMs: 10, talkMs: 10 }) },
    })
    await call.waitForEnd()
    t.match(call.heard, [{ text: outcome }])
    const child = app.twilio.calls.at(-1)
    t.match(child, { direction: 'outbound-dial', to: '+4930900009', status: outcome })
    await child?.waitForEnd()
    const told = app.of('/child').filter(({ params }) => params['CallSid'] === child?.sid)
    t.match(told.at(-1)?.params, { CallStatus: outcome, ParentCallSid: call.sid })
    t.match(app.of('/done').at(-1)?.params, {
      DialCallSid: child?.sid,
      DialBridged: String(outcome === 'completed'),
    })
    t.same(call.alerts, [])
  }
  const plain = app.twilio.callIn({ voiceUrl: `${app.url}/plain` })
  await plain.waitForEnd()
  t.match(plain.heard, [{ text: 'Back' }])
  const wrong = app.twilio.callIn({ voiceUrl: `${app.url}/wrong` })
  await wrong.waitForEnd()
  t.match(wrong.heard, [{ text: 'failed' }])
  t.match(wrong.alerts, [{ code: 13224 }])
  const left = app.twilio.callIn({
    voiceUrl: `${app.url}/voice`,
    script: { hangUpAfterMs: 20, onDial: () => ({ outcome: 'completed', talkMs: 5000 }) },
  })
  await left.waitForEnd()
  t.equal(app.of('/done').at(-1)?.params['CallSid'] === left.sid, false, 'the caller is gone')
})

t.test('recording by TwiML, until it is stopped', async (t) => {
  const app = await openVoiceApp(t, {
    '/voice': twiml(
      '<Start><Recording recordingStatusCallback="/r" recordingStatusCallbackEvent="in-progress completed" channels="dual"/></Start>' +
        '<Say>Recorded</Say><Stop><Recording/></Stop><Say>Not recorded</Say>',
    ),
    '/r': { status: 204 },
  })
  const call = app.twilio.callIn({ voiceUrl: `${app.url}/voice` })
  await call.waitForEnd()
  t.match(
    app.of('/r').map(({ params, isSigned }) => [params['RecordingStatus'], isSigned]),
    [
      ['in-progress', true],
      ['completed', true],
    ],
  )
  t.match(call.recordings, [{ channels: 2, status: 'completed' }])
})

t.test('Record ends with a key, and tells the action', async (t) => {
  const app = await openVoiceApp(t, {
    '/voice': twiml('<Record action="/done" maxLength="3600"/>'),
    '/done': twiml(''),
  })
  const call = app.twilio.callIn({ voiceUrl: `${app.url}/voice` })
  await call.waitFor(({ type }) => type === 'recording')
  await call.press('#')
  await call.waitForEnd()
  t.match(call.recordings, [{ source: 'RecordVerb', status: 'completed' }])
  t.match(app.of('/done')[0]?.params, { RecordingSid: call.recordings[0]?.sid })
  t.same(call.alerts, [])
})

t.test('a hundred calls that come in at once', async (t) => {
  const app = await openVoiceApp(t, {
    '/voice': twiml('<Gather numDigits="1" action="/a"><Say>Which?</Say></Gather>'),
    '/a': ({ params }) => twiml(`<Say>${params['Digits'] ?? ''}</Say>`),
  })
  const calls = Array.from({ length: 100 }, (_each, index) =>
    app.twilio.callIn({
      voiceUrl: `${app.url}/voice`,
      script: { keys: [String(index % 10)] },
    }),
  )
  await Promise.all(calls.map((call) => call.waitForEnd(20_000)))
  t.same(
    calls.map(({ heard }) => heard[1]?.text),
    calls.map((_each, index) => String(index % 10)),
  )
  t.equal(app.twilio.alerts.length, 0)
})
