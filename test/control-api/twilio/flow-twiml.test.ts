// Turns of the menu as TwiML: read back by a parser that knows nothing of the builder, and compared with the builder's
// own writing.
import t from 'tap'
import VoiceResponse from 'twilio/lib/twiml/VoiceResponse.js'
import { flowTwiml, oneByOne, type FlowTwimlParts } from '../../../control-api/twilio/flow-twiml.ts'
import { epochMs, ms, type E164, type FlowTurn } from '../../../core/contracts/index.ts'
import { parseXml, type XmlElement } from '../../../simulators/twilio/xml.ts'
import { beginFlow } from '../../../control-api/ivr/order-flow.ts'
import { flowRules, HUMAN, playFlow } from '../../support/flow-rules.ts'

const VOICE = { voice: 'Polly.Vicki-Neural', language: 'de-DE' } as const
const ACTION = '/webhook/consent?call=a%20b&attempt=1'
const parts: FlowTwimlParts = { voice: VOICE, actionFor: () => ACTION }

const turn: FlowTurn = {
  step: 'consent',
  attempt: 1,
  language: 'de',
  say: [
    { kind: 'words', text: 'Müller & Söhne <GmbH> „sagt“:' },
    { kind: 'digits', digits: '47112' },
  ],
  then: { kind: 'listen', maxDigits: 1, finishOnKey: null, timeout: ms(6_000), keepsDigits: true },
  mayRecord: false,
}

type Shape = [name: string, attributes: Record<string, string>, ...children: (Shape | string)[]]

const shapeOf = ({ name, attributes, children }: XmlElement): Shape => [
  name,
  { ...attributes },
  ...children.map((child) => (typeof child === 'string' ? child : shapeOf(child))),
]
/** What the document says, its declaration checked. */
function read(twiml: string): (Shape | string)[] {
  t.ok(twiml.startsWith('<?xml version="1.0" encoding="UTF-8"?><Response>'))
  const [name, attributes, ...children] = shapeOf(parseXml(twiml))
  t.same([name, attributes], ['Response', {}])
  return children
}

const SAID: Shape[] = [
  ['Say', { ...VOICE }, 'Müller & Söhne <GmbH> „sagt“:'],
  ['Say', { ...VOICE }, '4 7 1, 1 2'],
]

t.test(
  'a question listens while it is said, and is asked about again when nobody answers',
  async (t) => {
    t.same(read(flowTwiml(turn, parts)), [
      [
        'Gather',
        {
          input: 'dtmf',
          numDigits: '1',
          finishOnKey: '',
          timeout: '6',
          action: ACTION,
          method: 'POST',
          actionOnEmptyResult: 'true',
        },
        ...SAID,
      ],
      ['Redirect', { method: 'POST' }, ACTION],
    ])
    const order: FlowTurn = {
      ...turn,
      then: {
        kind: 'listen',
        maxDigits: 13,
        finishOnKey: '#',
        timeout: ms(6_500),
        keepsDigits: false,
      },
    }
    t.match(read(flowTwiml(order, parts))[0], [
      'Gather',
      { numDigits: '13', finishOnKey: '#', timeout: '7' },
    ])
  },
)

t.test('it is what the builder writes', async (t) => {
  const response = new VoiceResponse()
  const gather = response.gather({
    input: ['dtmf'],
    numDigits: 1,
    finishOnKey: '',
    timeout: 6,
    action: ACTION,
    method: 'POST',
    actionOnEmptyResult: true,
  })
  gather.say(VOICE, 'Müller & Söhne <GmbH> „sagt“:')
  gather.say(VOICE, '4 7 1, 1 2')
  response.redirect({ method: 'POST' }, ACTION)
  t.equal(flowTwiml(turn, parts), response.toString())
})

t.test('a goodbye is said and hung up', async (t) => {
  const last: FlowTurn = { ...turn, then: { kind: 'hang-up', reason: 'flow-ended' } }
  t.same(read(flowTwiml(last, parts)), [...SAID, ['Hangup', {}]])
})

t.test('the recording starts where it may, and nowhere else', async (t) => {
  const recorded = { ...parts, startRecording: { statusCallback: 'https://h/r?a=1&b=2' } }
  const [start, gather] = read(flowTwiml({ ...turn, mayRecord: true }, recorded))
  t.same(start, [
    'Start',
    {},
    [
      'Recording',
      {
        channels: 'dual',
        trim: 'do-not-trim',
        recordingStatusCallback: 'https://h/r?a=1&b=2',
        recordingStatusCallbackMethod: 'POST',
        recordingStatusCallbackEvent: 'in-progress completed absent',
      },
    ],
  ])
  t.match(gather, ['Gather'])
  t.notMatch(flowTwiml(turn, recorded), 'Recording', 'the caller did not consent')
  t.notMatch(flowTwiml({ ...turn, mayRecord: true }, parts), 'Recording')
})

t.test('the agent is connected, told by parameters', async (t) => {
  const agent: FlowTurn = { ...turn, then: { kind: 'agent', variables: { consent: 'given' } } }
  const connectStream = { url: 'wss://h/twilio/stream', parameters: { token: 'a&b', call: 'c' } }
  const stream: Shape = [
    'Stream',
    { url: 'wss://h/twilio/stream' },
    ['Parameter', { name: 'token', value: 'a&b' }],
    ['Parameter', { name: 'call', value: 'c' }],
  ]
  t.same(read(flowTwiml(agent, { ...parts, connectStream })), [
    ...SAID,
    ['Connect', {}, stream],
    ['Hangup', {}],
  ])
  const more = { ...connectStream, action: '/webhook/help?x=1', statusCallback: 'https://h/s' }
  t.match(read(flowTwiml(agent, { ...parts, connectStream: more })).slice(2), [
    [
      'Connect',
      { action: '/webhook/help?x=1', method: 'POST' },
      ['Stream', { statusCallback: 'https://h/s', statusCallbackMethod: 'POST' }],
    ],
  ])
  t.same(read(flowTwiml(agent, parts)), [...SAID, ['Hangup', {}]], 'without one it is over')
})

t.test('a human is dialled, and we are asked when nobody picks up', async (t) => {
  const transfer: FlowTurn = { ...turn, then: { kind: 'transfer', to: HUMAN } }
  const dial = { callerId: '+4930555100' as E164, timeoutSeconds: 25, action: '/webhook/help?y=1' }
  t.same(read(flowTwiml(transfer, { ...parts, dial })), [
    ...SAID,
    [
      'Dial',
      {
        callerId: '+4930555100',
        timeout: '25',
        timeLimit: '3600',
        action: '/webhook/help?y=1',
        method: 'POST',
        answerOnBridge: 'true',
      },
      ['Number', {}, HUMAN],
    ],
  ])
  t.same(read(flowTwiml(transfer, parts)), [...SAID, ['Redirect', { method: 'POST' }, ACTION]])
})

t.test('numbers are read digit by digit, in groups of two to four', async (t) => {
  const GROUPED: Record<string, string> = {
    '': '',
    '1': '1',
    '12': '1 2',
    '1234': '1 2 3 4',
    '12345': '1 2 3, 4 5',
    '123456': '1 2 3, 4 5 6',
    '123456789': '1 2 3, 4 5 6, 7 8 9',
    '123456789012': '1 2 3 4, 5 6 7 8, 9 0 1 2',
  }
  for (const [digits, said] of Object.entries(GROUPED)) t.equal(oneByOne(digits), said)
  for (let length = 2; length <= 32; length++) {
    const digits = '7'.repeat(length)
    t.equal(oneByOne(digits).replaceAll(/[ ,]/g, ''), digits)
    for (const group of oneByOne(digits).split(', ')) t.match(group, /^7( 7){1,3}$/)
  }
})

t.test('every turn of the flow, in every language and under any name, is a document', async (t) => {
  const names = ['Muster & Söhne', '<b>"x"</b>', "a\u0000b\u0008c\ud800d\uffffe'", ']]>', '‮😀']
  for (const company of names) {
    const rules = flowRules({ company })
    for (const language of ['de', 'en', 'ru'] as const) {
      const presses = ['-', '0', '!', '1', '4711', '1', '2']
      for (const { turn } of playFlow(rules, presses, { language })) {
        const verbs = read(flowTwiml(turn, parts)).map(([name]) => name)
        t.match(verbs.at(-1), /^(Redirect|Hangup)$/, `${turn.step}: nothing can follow`)
        t.equal(verbs.includes('Gather'), turn.then.kind === 'listen')
      }
    }
  }
  const { turn } = beginFlow(flowRules({ company: 'a\u0000b\ud800c' }), {
    language: 'de',
    hasAgent: false,
    at: epochMs(0),
  })
  t.match(flowTwiml(turn, parts), 'a b\ufffdc')
})
