// Gather, rule by rule, and how the TwiML goes on after it.
import t from 'tap'
import type { CallScript, TwilioOptions } from '../../../simulators/twilio/index.ts'
import { openVoiceApp, twiml, type VoiceApp } from './voice-app.ts'

interface Case {
  readonly name: string
  readonly attributes: string
  readonly keys: CallScript['keys']
  /** What /action is told; null: it is not asked. */
  readonly told: Readonly<Record<string, string>> | null
  readonly endedBy: string
  readonly options?: TwilioOptions
}

const EMPTY = 'actionOnEmptyResult="true"'

const CASES: readonly Case[] = [
  {
    name: 'numDigits are reached: at once',
    attributes: 'numDigits="2" timeout="600"',
    keys: ['123'],
    told: { Digits: '12', FinishedOnKey: '', msg: 'Gather End' },
    endedBy: 'count',
  },
  {
    name: 'the finish key ends it and is no part of it',
    attributes: 'timeout="600"',
    keys: ['4711#'],
    told: { Digits: '4711', FinishedOnKey: '#' },
    endedBy: 'finish-key',
  },
  {
    name: 'another finish key; then # is a digit',
    attributes: 'finishOnKey="*" timeout="600"',
    keys: ['4#1*'],
    told: { Digits: '4#1', FinishedOnKey: '*' },
    endedBy: 'finish-key',
  },
  {
    name: 'without a finish key # and * are digits',
    attributes: 'numDigits="1" finishOnKey="" timeout="600"',
    keys: ['#'],
    told: { Digits: '#', FinishedOnKey: '' },
    endedBy: 'count',
  },
  {
    name: 'silence after keys sends them',
    attributes: 'timeout="1"',
    keys: ['12'],
    told: { Digits: '12', FinishedOnKey: '' },
    endedBy: 'timeout',
  },
  {
    name: 'silence goes on with the next verb',
    attributes: 'timeout="1"',
    keys: [],
    told: null,
    endedBy: 'timeout',
  },
  {
    name: 'silence is told where that is wanted',
    attributes: `timeout="1" ${EMPTY}`,
    keys: [],
    told: { Digits: '', FinishedOnKey: '' },
    endedBy: 'timeout',
  },
  {
    name: 'silence is told without Digits, as the switch says',
    attributes: `timeout="1" ${EMPTY}`,
    keys: [],
    told: { FinishedOnKey: '' },
    endedBy: 'timeout',
    options: { emptyDigits: 'absent' },
  },
  {
    name: 'the finish key alone is an empty result',
    attributes: 'timeout="600"',
    keys: ['#'],
    told: null,
    endedBy: 'finish-key',
  },
  {
    name: 'the finish key alone, told where that is wanted',
    attributes: `timeout="600" ${EMPTY}`,
    keys: ['#'],
    told: { Digits: '', FinishedOnKey: '#' },
    endedBy: 'finish-key',
  },
]

for (const { name, attributes, keys, told, endedBy, options } of CASES) {
  t.test(name, async (t) => {
    const gather = `<Gather action="/action?step=1" ${attributes}><Say>Which?</Say></Gather>`
    const app = await openVoiceApp(
      t,
      { '/voice': twiml(`${gather}<Say>Next</Say>`), '/action': twiml('<Say>Done</Say>') },
      options,
    )
    const script = keys === undefined ? {} : { keys }
    const call = app.twilio.callIn({ voiceUrl: `${app.url}/voice`, script })
    await call.waitForEnd()
    const [asked] = app.of('/action')
    if (told === null) t.equal(asked, undefined)
    else {
      t.match(asked?.params, { ...told, CallStatus: 'in-progress', CallSid: call.sid })
      t.equal('Digits' in (asked?.params ?? {}), 'Digits' in told)
    }
    t.equal(call.gathers[0]?.endedBy, endedBy)
    t.same(
      call.heard.map(({ text }) => text),
      ['Which?', told === null ? 'Next' : 'Done'],
    )
    t.ok(app.requests.every(({ isSigned }) => isSigned))
    t.same(call.alerts, [])
  })
}

t.test('the timeout begins after what is said; a key interrupts it', async (t) => {
  const words = 'x'.repeat(400)
  const app = await openVoiceApp(
    t,
    {
      '/voice': twiml(
        `<Gather timeout="1" numDigits="1" action="/voice2"><Say>${words}</Say></Gather>`,
      ),
      '/voice2': twiml('<Hangup/>'),
    },
    { sayMsPerChar: 1 },
  )
  const silent = app.twilio.callIn({ voiceUrl: `${app.url}/voice` })
  await silent.waitForEnd()
  const [gather] = silent.gathers
  const endedAt = silent.log.find(({ type }) => type === 'gather.ended')?.at ?? 0
  t.ok(endedAt - (gather?.at ?? 0) >= 400, 'the whole prompt, and then the timeout')
  const script: CallScript = { keys: [{ press: '1', afterMs: 50, during: true }] }
  const pressing = app.twilio.callIn({ voiceUrl: `${app.url}/voice`, script })
  await pressing.waitForEnd()
  t.equal(pressing.gathers[0]?.interrupted, true)
  t.ok((pressing.heard[0]?.heardMs ?? 400) < 300, 'cut short')
  t.match(app.of('/voice2').at(-1)?.params, { Digits: '1' })
})

t.test('without an action the same document is asked for', async (t) => {
  const app = await openVoiceApp(t, {
    '/voice': ({ params }) =>
      params['Digits'] === undefined
        ? twiml('<Gather numDigits="1"><Say>Which?</Say></Gather>')
        : twiml('<Reject/>'),
  })
  const call = app.twilio.callIn({ voiceUrl: `${app.url}/voice?a=1`, script: { keys: ['7'] } })
  await call.waitForEnd()
  t.same(
    app.requests.map(({ path, params }) => [path, params['Digits']]),
    [
      ['/voice?a=1', undefined],
      ['/voice?a=1', '7'],
    ],
  )
})

t.test('keys that nobody asked for are lost', async (t) => {
  const app: VoiceApp = await openVoiceApp(t, {
    '/voice': twiml('<Pause length="5"/><Gather timeout="1" numDigits="1" action="/a"/>'),
    '/a': twiml(''),
  })
  const call = app.twilio.callIn({ voiceUrl: `${app.url}/voice` })
  await call.waitFor((entry) => entry.type === 'status' && entry.status === 'in-progress')
  await call.press('1')
  await call.waitForEnd()
  t.match(
    call.log.find(({ type }) => type === 'key'),
    { key: '1', heardBy: 'nobody' },
  )
  t.equal(app.of('/a').length, 0)
})

t.test('attributes that Twilio would not take are alerts', async (t) => {
  const app = await openVoiceApp(t, {
    '/voice': twiml(
      '<Gather finishOnKey="##" actionOnEmptyResult="yes" timeout="x"><Hangup/></Gather><Hangup/>',
    ),
  })
  const call = app.twilio.callIn({ voiceUrl: `${app.url}/voice` })
  await call.waitForEnd()
  const codes = call.alerts.map(({ code }) => code)
  t.same(codes.toSorted(), [12200, 12200, 13310, 13338])
})

t.test('hanging up while it listens ends the call, and nothing is asked any more', async (t) => {
  const app = await openVoiceApp(t, {
    '/voice': twiml(`<Gather timeout="600" ${EMPTY} action="/a"/>`),
    '/end': { status: 204 },
  })
  const call = app.twilio.callIn({
    voiceUrl: `${app.url}/voice`,
    statusCallback: `${app.url}/end`,
    script: { keys: [{ hangUp: true, afterMs: 20 }] },
  })
  t.equal(await call.waitForEnd(), 'completed')
  t.equal(call.gathers[0]?.endedBy, 'elsewhere')
  t.same(
    app.requests.map(({ path }) => path),
    ['/voice', '/end'],
  )
  t.match(app.of('/end')[0]?.params, { CallStatus: 'completed', CallDuration: '1', Duration: '1' })
})
