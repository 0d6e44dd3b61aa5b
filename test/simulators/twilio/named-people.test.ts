// Who picks up in rehearsal: presses what a menu asks for, talks with whoever is connected, or does what the number says.
import t from 'tap'
import { personBehind } from '../../../simulators/twilio/index.ts'
import { startWorld } from '../../../simulators/world/index.ts'
import { officialClient, openVoiceApp, twiml, type VoiceApp } from './voice-app.ts'

const key = (action: string, say: string): string =>
  twiml(
    `<Gather numDigits="1" finishOnKey="" action="${action}"><Say>${say}</Say></Gather><Hangup/>`,
  )

t.test('agrees, enters an order number, confirms it, and wants nothing more', async (t) => {
  const app: VoiceApp = await openVoiceApp(
    t,
    {
      '/consent': key('/order', 'Do you agree?'),
      '/order': twiml('<Gather action="/confirm" finishOnKey="#"><Say>Which?</Say></Gather>'),
      '/confirm': key('/help', 'Is that right?'),
      '/help': key('/end', 'Anything else?'),
      '/end': twiml('<Say>Goodbye</Say>'),
    },
    // Within five seconds of silence, which are one here.
    { script: personBehind, pace: 0.2 },
  )
  const call = app.twilio.callIn({ voiceUrl: `${app.url}/consent` })
  await call.waitForEnd()
  t.same(
    app.requests.slice(1).map(({ path, params }) => [path, params['Digits']]),
    [
      ['/order', '1'],
      ['/confirm', '4711'],
      ['/help', '1'],
      ['/end', '2'],
    ],
  )
  t.same(call.alerts, [])
})

t.test('the number called chooses what becomes of it', async (t) => {
  const app = await openVoiceApp(t, {}, { script: personBehind })
  const client = officialClient(app.twilio)
  const outcomes = [
    ['+4930900086', 'busy'],
    ['+4930900004', 'failed'],
    ['+4930900008', 'no-answer'],
  ] as const
  for (const [to, outcome] of outcomes) {
    const from = app.twilio.phoneNumber
    const { sid } = await client.calls.create({ to, from, twiml: twiml(''), timeout: 5 })
    const call = await app.twilio.waitForCall((each) => each.sid === sid)
    t.equal(await call.waitForEnd(), outcome)
  }
})

t.test('the world has a Twilio', async (t) => {
  const world = await startWorld()
  t.teardown(() => world.close())
  const { accountSid, authToken, phoneNumber, baseUrl } = world.addresses.twilio
  t.match(phoneNumber, /^\+49\d+$/)
  const basic = Buffer.from(`${accountSid}:${authToken}`).toString('base64')
  const answer = await fetch(`${baseUrl}/2010-04-01/Accounts/${accountSid}.json`, {
    headers: { authorization: `Basic ${basic}` },
  })
  t.match(await answer.json(), { sid: accountSid })
})
