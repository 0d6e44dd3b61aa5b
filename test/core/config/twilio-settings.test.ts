// Settings of Twilio and of the menu.
import t from 'tap'
import { compileConfig, type Config } from '#core/config'

const ACCOUNT = {
  TWILIO_ACCOUNT_SID: `AC${'0'.repeat(32)}`,
  TWILIO_AUTH_TOKEN: 'planted-token',
  TWILIO_PHONE_NUMBER: '+4930555200',
  PUBLIC_URL: 'https://voice.example.com',
}

function config(environment: Record<string, string>): Config {
  const compiled = compileConfig(environment, {})
  if ('problems' in compiled) throw new Error(JSON.stringify(compiled.problems))
  return compiled.config
}

const problems = (environment: Record<string, string>): string[] => {
  const compiled = compileConfig(environment, {})
  return 'problems' in compiled
    ? compiled.problems.map(({ name, problem }) => `${name} ${problem}`)
    : []
}

t.test('an account of Twilio is a real one: no rehearsal, and a key is needed', async (t) => {
  const real = config(ACCOUNT)
  t.equal(real.rehearsal, false)
  t.equal(real.requireKey, true)
  t.match(real.twilio, { phoneNumber: '+4930555200', answerWith: 'order-ivr' })
  t.equal(config({}).twilio, undefined)
})

t.test('what is missing beside it is named, and its token stands in no message', async (t) => {
  t.match(problems({ TWILIO_AUTH_TOKEN: 'planted-token' }), [
    /^TWILIO_ACCOUNT_SID is missing: TWILIO_AUTH_TOKEN needs it$/,
    /^TWILIO_PHONE_NUMBER is missing/,
    /^PUBLIC_URL is missing/,
  ])
  t.match(problems({ ...ACCOUNT, PUBLIC_URL: 'http://voice.example.com' }), [
    /^PUBLIC_URL must be https while Twilio is configured$/,
  ])
  t.match(problems({ ...ACCOUNT, TWILIO_ACCOUNT_SID: 'planted-token' }), [
    /^TWILIO_ACCOUNT_SID must be/,
  ])
  const all = problems({ ...ACCOUNT, TWILIO_PHONE_NUMBER: '030', PUBLIC_URL: 'ftp://x' }).join()
  t.notMatch(all, /planted/)
})

t.test('an agent that is to answer must be there, and may dial without a trunk', async (t) => {
  t.match(problems({ ...ACCOUNT, TWILIO_ANSWER_WITH: 'order-ivr-then-agent' }), [
    /^ELEVENLABS_AGENT_ID is missing: TWILIO_ANSWER_WITH is order-ivr-then-agent/,
  ])
  const agent = { ELEVENLABS_AGENT_ID: 'agent_1', DIAL_ALLOW_PREFIXES: '+49' }
  t.equal(config({ ...ACCOUNT, ...agent, TWILIO_ANSWER_WITH: 'agent' }).twilio?.answerWith, 'agent')
  t.match(problems(agent), [/^EXOLVE_SIP_DOMAIN is missing/], 'without Twilio it needs one')
})

t.test('the menu speaks German, English to +1 and +44, and what a table says', async (t) => {
  t.same(config({}).ivr, {
    company: undefined,
    website: undefined,
    voiceName: undefined,
    languages: [
      { prefix: '+1', language: 'en' },
      { prefix: '+44', language: 'en' },
    ],
    orderPattern: '[0-9]{4,12}',
    onRefusal: 'end',
    human: null,
  })
  t.same(config({ IVR_LANGUAGES: '+7=ru, +44=en' }).ivr.languages, [
    { prefix: '+7', language: 'ru' },
    { prefix: '+44', language: 'en' },
  ])
  for (const wrong of ['+49=fr', '49=de', '+44', '=de'])
    t.match(problems({ IVR_LANGUAGES: wrong }), [/^IVR_LANGUAGES has an item that is not right/])
  t.equal(config({ TRANSFER_NUMBERS: '+4930555201' }).ivr.human, '+4930555201', 'behind key 0')
})

t.test('an order number is a pattern of digits that no caller can make slow', async (t) => {
  for (const right of ['[0-9]{4,12}', '7\\d{5}', '[1-9][0-9]{3}', '12?3?'])
    t.equal(config({ IVR_ORDER_PATTERN: right }).ivr.orderPattern, right)
  for (const wrong of ['([0-9]+)+', '.*', '[0-9]+', '[9-0]', '\\d{5,2}', 'A\\d{4}', '[a-z]'])
    t.match(problems({ IVR_ORDER_PATTERN: wrong }), [/^IVR_ORDER_PATTERN must be/], wrong)
})
