// An agent that fails in the middle of a call: the caller is told so before the line is cut.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { loadSpeech } from '../../simulators/speech/index.ts'
import type { AgentScript } from '../../simulators/elevenlabs/index.ts'
import { findSound } from '../support/audio-compare.ts'
import { baresipOptions, startBaresip } from '../support/baresip.ts'
import { eventually, temporaryFolder } from '../support/process.ts'
import { startProduct } from '../support/start-product.ts'
import { ulawWav } from '../support/wav-writing.ts'

const SORRY = loadSpeech('agent-goodbye')
const QUIET = Buffer.alloc(8 * 30_000, 0xff)
/** The recording ends with the call, in the middle of the last packet. */
const withEnd = (heard: Uint8Array): Buffer => Buffer.concat([heard, QUIET.subarray(0, 800)])

/** It has said something: no second attempt takes its place. */
const DROPS: AgentScript = {
  firstMessage: { sound: { toneHz: 1000, lengthMs: 500, levelDbm0: -10 } },
  mode: 'silent',
  dropAfterMs: 1500,
}

async function callsIn(t: Test) {
  const path = join(temporaryFolder(t, 'prompt'), 'sorry.wav')
  writeFileSync(path, ulawWav(SORRY))
  const settings = { AGENT_FALLBACK_MESSAGE: path }
  const product = await startProduct(t, { agent: DROPS, settings })
  const phone = await startBaresip(t, QUIET, { codec: 'PCMA' })
  phone.dial(`sip:agent@${product.sipHost}:${product.sipPort}`)
  await phone.event('CALL_ESTABLISHED', 5000)
  return { product, phone }
}

t.test('dropped in mid-talk: told, and then hung up on', baresipOptions, async (t) => {
  const { product, phone } = await callsIn(t)
  await phone.event('CALL_CLOSED', 15_000)
  const [call] = await product.view.allEnded(1)
  t.match(call, {
    outcome: 'answered',
    termination: { result: 'upstream_error', reason: 'agent-dropped', by: 'agent' },
  })
  const { correlation } = findSound(withEnd(phone.heard()), SORRY)
  t.ok(correlation > 0.95, `it hears every word: ${correlation.toFixed(3)}`)
  const told = (await product.view.timeline(call!.call_id)).map(({ type }) => type)
  const last = told.filter((type) =>
    /^(?:agent.closed|prompt|sip.bye|media.summary|call)/.test(type),
  )
  t.same(last, [
    'agent.closed',
    'prompt.started',
    'prompt.finished',
    'sip.bye',
    'media.summary',
    'call.ended',
  ])
  await product.idle()
})

t.test('whoever hangs up meanwhile is not kept', baresipOptions, async (t) => {
  const { product, phone } = await callsIn(t)
  await eventually('the prompt', 10_000, async () => {
    const [live] = await product.view.history()
    const told = live ? await product.view.timeline(live.call_id) : []
    return told.some(({ type }) => type === 'prompt.started')
  })
  phone.hangUp()
  const hungUpAt = Date.now()
  const [call] = await product.view.allEnded(1)
  t.ok(Date.now() - hungUpAt < 1500, 'over at once')
  t.match(call, { termination: { result: 'upstream_error', reason: 'agent-dropped' } })
  const told = await product.view.timeline(call!.call_id)
  t.match(
    told.find(({ type }) => type === 'sip.bye'),
    { direction: 'received' },
  )
  await product.idle()
})
