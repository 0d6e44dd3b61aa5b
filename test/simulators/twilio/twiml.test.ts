// TwiML as it is read: what the vendor's own builder writes, and what no parser of theirs would take.
import t from 'tap'
import VoiceResponse from 'twilio/lib/twiml/VoiceResponse.js'
import { decodeTwiml } from '../../../simulators/twilio/twiml-document.ts'

const builder = (): InstanceType<typeof VoiceResponse> => new VoiceResponse()

t.test('what the vendor’s builder writes is read back', async (t) => {
  const response = builder()
  const gather = response.gather({
    input: ['dtmf'],
    numDigits: 1,
    finishOnKey: '',
    timeout: 6,
    action: '/a?x=1&y=2',
    actionOnEmptyResult: true,
  })
  const say = gather.say({ voice: 'Polly.Vicki-Neural', language: 'de-DE' }, 'Drücken & <ja>: ')
  say.sayAs({ 'interpret-as': 'digits' }, '4711')
  gather.pause({ length: 2 })
  response.start().recording({ recordingStatusCallback: '/r', channels: 'dual' })
  const connect = response.connect({ action: '/after' })
  connect.stream({ url: 'wss://h/s', name: 'n' }).parameter({ name: 'token', value: 'a"b' })
  response.dial({ timeout: 20, action: '/d', callerId: '+4930555200' }, '+4930900001')
  response.redirect({ method: 'GET' }, 'https://h/next?a=1&b=2')
  response.reject({ reason: 'busy' })
  response.hangup()
  t.match(decodeTwiml(response.toString()), {
    kind: 'document',
    warnings: [{ code: 12200, message: /Reject is not the first/ }],
    verbs: [
      {
        verb: 'Gather',
        action: '/a?x=1&y=2',
        numDigits: 1,
        finishOnKey: '',
        timeoutSeconds: 6,
        actionOnEmptyResult: true,
        prompts: [
          {
            verb: 'Say',
            text: 'Drücken & <ja>: 4711',
            voice: 'Polly.Vicki-Neural',
            language: 'de-DE',
          },
          { verb: 'Pause', seconds: 2 },
        ],
      },
      { verb: 'StartRecording', recording: { statusCallback: '/r', channels: 2 } },
      {
        verb: 'Connect',
        action: '/after',
        stream: { url: 'wss://h/s', name: 'n', parameters: { token: 'a"b' } },
      },
      {
        verb: 'Dial',
        numbers: [{ number: '+4930900001' }],
        timeoutSeconds: 20,
        callerId: '+4930555200',
      },
      { verb: 'Redirect', url: 'https://h/next?a=1&b=2', method: 'GET' },
      { verb: 'Reject', reason: 'busy' },
      { verb: 'Hangup' },
    ],
  })
})

t.test('defaults are those of the vendor', async (t) => {
  const text =
    '<Response><Gather/><Pause/><Dial>+4930</Dial><Gather><Say>a</Say></Gather></Response>'
  t.match(decodeTwiml(text), {
    verbs: [
      { action: undefined, method: 'POST', timeoutSeconds: 5, finishOnKey: '#', numDigits: null },
      { seconds: 1 },
      { timeoutSeconds: 30, action: undefined },
      { actionOnEmptyResult: false, hearsKeys: true },
    ],
    warnings: [],
  })
})

const BROKEN: readonly (readonly [text: string, why: RegExp])[] = [
  ['', /no element/],
  ['hello', /text outside/],
  ['<Response>', /not closed/],
  ['<Response></Respond>', /closes nothing/],
  ['<Response/><Response/>', /second root/],
  ['<Response><Say>a & b</Say></Response>', /not escaped/],
  ['<Response><Say>&nbsp;</Say></Response>', /unknown/],
  ['<Response><Say voice=alice>a</Say></Response>', /no quotes/],
  ['<Response><Say voice="a" voice="b">a</Say></Response>', /twice/],
  ['<Response><Say a="1"b="2">a</Say></Response>', /separated/],
  ['<Response><Say voice="<">a</Say></Response>', /< in it/],
  ['<!DOCTYPE Response><Response/>', /document type/],
  ['<html></html>', /root element/],
  ['<Response><!-- </Response>', /missing/],
  ['{"a":1}', /text outside/],
]

t.test('what is no XML, or no TwiML, is a parse failure', async (t) => {
  for (const [text, why] of BROKEN)
    t.match(decodeTwiml(text), { kind: 'invalid', problem: { code: 12100, message: why } }, text)
})

t.test('what is XML and odd is warned of, and the rest goes on', async (t) => {
  const odd = [
    ['<Say voice="polly.vicki">a</Say>', /no voice/],
    ['<Play>a</Play><Sing/>', /no verb/],
    ['<Connect><Conference/></Connect>', /Connect takes/],
    ['<Dial><Sip>sip:a@b</Sip></Dial>', /not known/],
    ['<Redirect method="PUT">/a</Redirect>', /no method/],
    ['<Start/>', /takes a Stream/],
    [
      `<Connect><Stream url="wss://h"><Parameter name="a" value="${'b'.repeat(500)}"/></Stream></Connect>`,
      /too long/,
    ],
  ] as const
  for (const [inside, why] of odd) {
    const decoded = decodeTwiml(`<Response>${inside}<Hangup/></Response>`)
    t.match(decoded, { kind: 'document', warnings: [{ code: 12200, message: why }] }, inside)
    t.match(decoded.kind === 'document' && decoded.verbs.at(-1), { verb: 'Hangup' })
  }
})

t.test('entities, comments, CDATA', async (t) => {
  const text =
    '\uFEFF<?xml version="1.0"?><!-- a --><Response><Say>&#x44;&#100;&quot;&apos;<![CDATA[<&>]]><!-- b --></Say></Response>\n'
  t.match(decodeTwiml(text), { verbs: [{ text: 'Dd"\'<&>' }], warnings: [] })
})
