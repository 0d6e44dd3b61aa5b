// Debian's baresip, a softphone we did not write, calls in: it hears the agent, is heard, hangs up and is hung up on.
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { loadSpeech, toneUlaw } from '../../simulators/speech/index.ts'
import {
  exactFrequency,
  findSound,
  firstSound,
  levelDifferenceDb,
} from '../support/audio-compare.ts'
import { baresipOptions, startBaresip } from '../support/baresip.ts'
import { eventually } from '../support/process.ts'
import { startProduct } from '../support/start-product.ts'

const SILENCE = Buffer.alloc(8 * 500, 0xff)
const LONG_SILENCE = Buffer.alloc(8 * 30_000, 0xff)
const CALLER_TONE = toneUlaw(440, 1500)
const AGENT_TONE = toneUlaw(1000, 1500)
const CALLER_SPEECH = loadSpeech('caller-question')
const AGENT_SPEECH = loadSpeech('agent-greeting')
const CALLER = Buffer.concat([SILENCE, CALLER_TONE, SILENCE, CALLER_SPEECH, LONG_SILENCE])
const AGENT = Buffer.concat([AGENT_TONE, SILENCE, AGENT_SPEECH])
const SAYS = {
  firstMessage: { sound: { ulaw: AGENT } },
  mode: 'silent',
  interruptible: false,
} as const

t.test('baresip calls in, hears the agent, is heard, and hangs up', baresipOptions, async (t) => {
  const product = await startProduct(t, { agent: SAYS })
  const phone = await startBaresip(t, CALLER)
  phone.dial(`sip:agent@${product.sipHost}:${product.sipPort}`)
  await phone.event('CALL_ESTABLISHED', 5000)
  await sleep(Math.max(CALLER.length - LONG_SILENCE.length, AGENT.length) / 8 + 1500)
  phone.hangUp()
  const hungUpAt = Date.now()
  const [call] = await product.view.allEnded(1)
  t.match(call, {
    direction: 'inbound',
    from: 'softphone',
    to: 'agent',
    outcome: 'answered',
    termination: { result: 'success', reason: 'hangup', by: 'caller' },
    agent: { sessions: 1, close_reason: 'call-ended' },
  })
  await product.idle()
  const session = product.agent.sessions[0]!
  t.ok(
    session.closedAt! - hungUpAt < 500,
    `the agent left ${session.closedAt! - hungUpAt} ms after`,
  )

  await t.test('the agent hears its tone and its speech', async (t) => {
    const tone = firstSound(session.callerAudio)
    t.ok(Math.abs(exactFrequency(tone, 440) - 440) <= 2)
    t.ok(Math.abs(levelDifferenceDb(tone, CALLER_TONE)) <= 1)
    const { correlation } = findSound(session.callerAudio, CALLER_SPEECH)
    t.ok(correlation > 0.95, `correlation ${correlation.toFixed(3)}`)
  })
  await t.test('it hears the agent’s tone and speech', async (t) => {
    const heard = phone.heard()
    const tone = firstSound(heard)
    t.ok(Math.abs(exactFrequency(tone, 1000) - 1000) <= 2)
    t.ok(Math.abs(levelDifferenceDb(tone, AGENT_TONE)) <= 1)
    const { correlation } = findSound(heard, AGENT_SPEECH)
    t.ok(correlation > 0.95, `correlation ${correlation.toFixed(3)}`)
  })
})

t.test('the agent hangs up: baresip sees the call closed', baresipOptions, async (t) => {
  const agent = { endAfterMs: 1000, goodbye: { sound: { speech: 'agent-goodbye' } } } as const
  const product = await startProduct(t, { agent: { ...agent, mode: 'silent', firstMessage: null } })
  const phone = await startBaresip(t, LONG_SILENCE)
  phone.dial(`sip:agent@${product.sipHost}:${product.sipPort}`)
  await phone.event('CALL_ESTABLISHED', 5000)
  await phone.event('CALL_CLOSED', 10_000)
  t.match(await product.view.allEnded(1), [
    {
      outcome: 'answered',
      termination: { result: 'success', reason: 'agent-ended', by: 'agent' },
      agent: { sessions: 1, close_reason: 'agent-ended' },
    },
  ])
  // The last words are heard before the line is cut.
  const { correlation } = findSound(phone.heard(), loadSpeech('agent-goodbye'))
  t.ok(correlation > 0.95, `correlation of the goodbye ${correlation.toFixed(3)}`)
  await product.idle()
})

t.test('baresip is refused when the line is full, and told so', baresipOptions, async (t) => {
  const product = await startProduct(t, { settings: { MAX_CONCURRENT_CALLS: '1' } })
  const first = await startBaresip(t, LONG_SILENCE)
  const second = await startBaresip(t, LONG_SILENCE)
  const uri = `sip:agent@${product.sipHost}:${product.sipPort}`
  first.dial(uri)
  await first.event('CALL_ESTABLISHED', 5000)
  second.dial(uri)
  t.match(await second.event('CALL_CLOSED', 5000), { param: /503/ })
  // The first one's: its 200 OK may have been sent a moment ago.
  await eventually('the agent', 5000, () => product.agent.sessions[0])
  t.equal(product.agent.sessions.length, 1)
  first.hangUp()
  await product.view.allEnded(1)
  await product.idle()
})
