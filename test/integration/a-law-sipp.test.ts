// SIPp speaks A-law, changes the law in the middle of a call, and names its keys in INFO. It sends back what it hears.
import t from 'tap'
import { toneUlaw } from '../../simulators/speech/index.ts'
import { exactFrequency, firstSound } from '../support/audio-compare.ts'
import { runSipp, sippOptions, succeeds } from '../support/sipp.ts'
import { startProduct } from '../support/start-product.ts'
import { findTone, longestGapMs, soundingPart } from '../support/tone.ts'
import { listener } from '../support/undisturbed.ts'

const SAYS = {
  firstMessage: { sound: { ulaw: toneUlaw(1000, 1500) } },
  mode: 'silent',
  interruptible: false,
} as const

t.test('SIPp changes from A-law to µ-law while the agent talks', sippOptions, async (t) => {
  const tone = { toneHz: 1000, lengthMs: 4000, levelDbm0: -10 }
  const agent = { firstMessage: { sound: tone }, mode: 'silent', interruptible: false } as const
  const product = await startProduct(t, { agent })
  const { longestMs } = listener(t)
  const target = `${product.sipHost}:${product.sipPort}`
  const args = ['-d', '2500', '-rtp_echo']
  await succeeds(t, await runSipp(t, { scenario: 'a-law-call-in', target, args }))
  const [call] = await product.view.allEnded(1)
  // What SIPp sends back is in the law it was sent in: half of the tone in each.
  const echoed = soundingPart(product.agent.sessions[0]!.callerAudio)
  t.match(findTone(echoed), { hz: 1000 })
  t.ok(echoed.length > 0.9 * 32_000, `${echoed.length / 8} ms of the tone came back`)
  t.ok(longestGapMs(echoed) <= 60 + longestMs(), `a gap of ${longestGapMs(echoed)} ms`)
  for (const half of [echoed.subarray(0, 12_000), echoed.subarray(-12_000)])
    t.ok(Math.abs(exactFrequency(half, 1000) - 1000) <= 2)
  const keys = (await product.view.timeline(call!.call_id)).filter(({ type }) => type === 'dtmf')
  t.match(keys, [{ source: 'sip-info' }, { source: 'sip-info' }])
  await product.idle()
})

t.test('SIPp takes A-law of what we offer in our answer', sippOptions, async (t) => {
  const product = await startProduct(t, { agent: SAYS })
  const target = `${product.sipHost}:${product.sipPort}`
  const args = ['-d', '2500', '-rtp_echo']
  await succeeds(t, await runSipp(t, { scenario: 'a-law-delayed-offer', target, args }))
  await product.view.allEnded(1)
  t.match(findTone(firstSound(product.agent.sessions[0]!.callerAudio)), { hz: 1000 })
  await product.idle()
})
