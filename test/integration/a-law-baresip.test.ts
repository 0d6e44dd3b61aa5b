// Calls with a softphone that speaks A-law, Europe's law, and an agent that speaks µ-law: what was said is what is heard,
// and a key reaches the agent.
import { setTimeout as sleep } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { loadSpeech, toneUlaw } from '../../simulators/speech/index.ts'
import {
  exactFrequency,
  findSound,
  firstSound,
  levelDifferenceDb,
} from '../support/audio-compare.ts'
import { baresipOptions, startBaresip, type Baresip } from '../support/baresip.ts'
import { startProduct, type Product } from '../support/start-product.ts'

const NUMBER = '+4930123456'
const silence = (milliseconds: number): Buffer => Buffer.alloc(8 * milliseconds, 0xff)
const CALLER_TONE = toneUlaw(440, 1500)
const AGENT_TONE = toneUlaw(1000, 1500)
const CALLER_SPEECH = loadSpeech('caller-question')
const AGENT_SPEECH = loadSpeech('agent-greeting')
const CALLER = Buffer.concat([
  silence(500),
  CALLER_TONE,
  silence(500),
  CALLER_SPEECH,
  silence(30_000),
])
const AGENT = Buffer.concat([AGENT_TONE, silence(500), AGENT_SPEECH])
const TALK_MS = Math.max(2500 + CALLER_SPEECH.length / 8, AGENT.length / 8) + 1500
const SAYS = {
  firstMessage: { sound: { ulaw: AGENT } },
  mode: 'silent',
  interruptible: false,
} as const

/** Both sides said their tone and their speech. */
function heardEachOther(t: Test, phone: Baresip, { agent }: Product): void {
  const rows = [
    ['the agent', agent.sessions[0]!.callerAudio, 440, CALLER_TONE, CALLER_SPEECH],
    ['the phone', phone.heard(), 1000, AGENT_TONE, AGENT_SPEECH],
  ] as const
  for (const [who, heard, hz, tone, speech] of rows) {
    const sound = firstSound(heard)
    t.ok(Math.abs(exactFrequency(sound, hz) - hz) <= 2, `${who} hears the tone`)
    const db = levelDifferenceDb(sound, tone)
    t.ok(Math.abs(db) <= 1, `${who} hears it as loud as it is: ${db.toFixed(2)} dB`)
    const { correlation } = findSound(heard, speech)
    t.ok(correlation > 0.95, `${who} hears the speech: ${correlation.toFixed(3)}`)
  }
}

/** The keys of a call, as its record tells them. */
const keysOf = async ({ view }: Product, callId: string) =>
  (await view.timeline(callId)).filter(({ type }) => type === 'dtmf')

t.test('baresip with A-law calls in and presses keys', baresipOptions, async (t) => {
  const product = await startProduct(t, { agent: SAYS })
  const phone = await startBaresip(t, CALLER, { codec: 'PCMA' })
  phone.dial(`sip:agent@${product.sipHost}:${product.sipPort}`)
  await phone.event('CALL_ESTABLISHED', 5000)
  await sleep(TALK_MS)
  phone.press('5#')
  await sleep(500)
  phone.hangUp()
  const [call] = await product.view.allEnded(1)
  t.match(call, { outcome: 'answered', termination: { reason: 'hangup', by: 'caller' } })
  heardEachOther(t, phone, product)
  const keys = await keysOf(product, call!.call_id)
  t.match(keys, [{ source: 'rtp' }, { source: 'rtp' }])
  t.equal(keys.length, 2)
  t.notMatch(JSON.stringify(keys), /digit/)
  t.match(product.agent.sessions[0]!.otherMessages.at(-1), { type: 'user_message', text: '5' })
  await product.idle()
})

t.test('baresip with A-law is called', baresipOptions, async (t) => {
  const phone = await startBaresip(t, CALLER, { codec: 'PCMA', number: NUMBER })
  const trunkDomain = `127.0.0.1:${phone.port}`
  const product = await startProduct(t, { agent: SAYS, trunkDomain })
  const callId = await product.view.place(NUMBER)
  await phone.event('CALL_ESTABLISHED', 5000)
  await sleep(TALK_MS)
  t.equal(await product.view.hangUp(callId), 202)
  await phone.event('CALL_CLOSED', 5000)
  await product.view.ended(callId)
  heardEachOther(t, phone, product)
  await product.idle()
})
