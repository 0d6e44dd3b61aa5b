// A real softphone in our order menu: baresip presses keys by RFC 4733, hears every word, and then the agent, who knows
// what was learned. And SIPp, whose keys go by INFO.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { spokenText } from '../../simulators/elevenlabs/index.ts'
import { loadSpeech } from '../../simulators/speech/index.ts'
import { findSound, levelDifferenceDb } from '../support/audio-compare.ts'
import { baresipOptions, startBaresip } from '../support/baresip.ts'
import { eventually, temporaryFolder } from '../support/process.ts'
import type { TimelineItem } from '../support/product-view.ts'
import { runSipp, sippOptions, succeeds } from '../support/sipp.ts'
import { startProduct, type Product } from '../support/start-product.ts'

// Real calls take real time.
t.setTimeout(90_000)

const THEN_AGENT = '+4930555101'
const ALONE = '+4930555102'
const NUMBERS = `numbers:
  '${THEN_AGENT}': { answer_with: order-ivr-then-agent }
  '${ALONE}': { answer_with: order-ivr }
`
const ORDER = '4711'
const SILENCE = Buffer.alloc(8 * 60_000, 0xff)
const GREETS = {
  firstMessage: { sound: { speech: 'agent-greeting' } },
  mode: 'silent',
  interruptible: false,
} as const

async function startMenu(t: Test): Promise<Product> {
  const file = join(temporaryFolder(t, 'trunks'), 'trunks.yaml')
  writeFileSync(file, NUMBERS)
  return startProduct(t, {
    agent: GREETS,
    settings: { TRUNKS_FILE: file, COMPANY_NAME: 'Muster', RECORD_CALLS: 'always' },
  })
}

/** One for all: what it says is spoken once. */
const product = await startMenu(t)

/** The only call to that number, when it is over. */
async function endedTo(number: string) {
  const call = await eventually('the call', 5000, async () =>
    (await product.view.history()).find(({ to }) => to === number),
  )
  return product.view.ended(call.call_id)
}

/** What the menu recorded of a call. */
const flowOf = async (product: Product, callId: string) =>
  (await (await product.view.request(`/api/calls/${callId}/flow`)).json()) as {
    readonly steps: readonly { readonly step: string; readonly answer: string | null }[]
    readonly consent: { readonly given: boolean; readonly digit: string } | null
    readonly orders: readonly { readonly order_number: string; readonly status: string }[]
  }

const only = (items: readonly TimelineItem[], type: TimelineItem['type']) =>
  items.filter((item) => item.type === type)

const STEPS = [
  ['consent', 'yes'],
  ['order', 'entry'],
  ['order_confirm', 'yes'],
]

t.test('keys by RFC 4733; then the agent, who knows the order', baresipOptions, async (t) => {
  const phone = await startBaresip(t, SILENCE)
  phone.dial(`sip:${THEN_AGENT}@${product.sipHost}:${product.sipPort}`)
  const call = await eventually('the call', 5000, async () => (await product.view.history())[0])
  const timeline = () => product.view.timeline(call.call_id)
  const asked = (step: string) =>
    eventually(`the menu to ask: ${step}`, 15_000, async () =>
      only(await timeline(), 'flow.asked').some((item) => item['step'] === step),
    )
  const played = (count: number) =>
    eventually(`${count} prompts to be heard`, 30_000, async () => {
      const items = only(await timeline(), 'prompt.finished')
      return items.filter(({ how }) => how === 'played').length >= count
    })
  await asked('consent')
  // The greeting, whole.
  await played(1)
  t.equal(only(await timeline(), 'recording.started').length, 0, 'nothing is recorded before')
  phone.press('1')
  await asked('order')
  await sleep(500)
  phone.press(`${ORDER}#`)
  await asked('order_confirm')
  // What was entered: the words before it, and four digits.
  await played(1 + 5)
  phone.press('1')
  const session = await product.agent.waitForSession(0, 20_000)
  await sleep(loadSpeech('agent-greeting').length / 8 + 500)
  phone.hangUp()
  t.match(await endedTo(THEN_AGENT), {
    to: THEN_AGENT,
    outcome: 'answered',
    termination: { result: 'success', reason: 'hangup', by: 'caller' },
    agent: { sessions: 1 },
  })

  await t.test('its consent and its order are in the database', async (t) => {
    const { steps, consent, orders } = await flowOf(product, call.call_id)
    const answered = steps.filter(({ answer }) => answer !== null)
    t.strictSame(
      answered.map(({ step, answer }) => [step, answer]),
      STEPS,
    )
    t.match(consent, { given: true, digit: '1' })
    t.match(orders, [{ order_number: ORDER, status: 'confirmed' }])
    const { items } = (await (await product.view.request('/api/orders')).json()) as {
      items: unknown[]
    }
    t.match(items, [{ order_number: ORDER, call_id: call.call_id }])
  })
  await t.test('every word is heard, as loud as it was spoken', async (t) => {
    const heard = phone.heard()
    const sayings = [
      'Guten Tag! Hier ist Liza, die automatische Sprachassistentin von Muster.',
      'Sie haben eingegeben:',
      'Vielen Dank. Ihre Bestellung ist bestätigt.',
    ].map(spokenText)
    for (const saying of [...sayings, loadSpeech('agent-greeting')]) {
      const { correlation, found } = findSound(heard, saying)
      t.ok(correlation > 0.95, `correlation ${correlation.toFixed(3)}`)
      t.ok(Math.abs(levelDifferenceDb(found, saying)) <= 1)
    }
  })
  await t.test('the agent was opened after the menu, and told of it', async (t) => {
    const items = await timeline()
    const lastWord = only(items, 'flow.asked').at(-1)!
    t.equal(lastWord['step'], 'end')
    t.ok(session.upgradeAt > Date.parse(lastWord.at))
    t.match(session.initiation, {
      dynamic_variables: {
        call_id: call.call_id,
        order_number: ORDER,
        order_status: 'confirmed',
        consent: 'given',
        caller_language: 'de',
      },
    })
    t.equal(await product.view.metric('agent_sessions_before_answer_total'), 0)
    t.equal(await product.view.metric('agent_sessions_audit_violations_total'), 0)
  })
  await t.test(
    'keys stand in the timeline from the consent on; recorded is from there on',
    async (t) => {
      const items = await timeline()
      t.strictSame(
        only(items, 'dtmf').map(({ digit }) => digit),
        ['1', ...Array.from(ORDER), '#', '1'],
      )
      const types = items.map(({ type }) => type)
      t.ok(types.indexOf('recording.started') > types.indexOf('consent.given'))
    },
  )
  await product.idle()
})

t.test('keys by INFO, and nobody after the menu', sippOptions, async (t) => {
  const { sipHost, sipPort } = product
  const sessionsBefore = product.agent.sessions.length
  const sipp = await runSipp(t, {
    scenario: 'call-in-info-keys',
    target: `${sipHost}:${sipPort}`,
    args: ['-s', ALONE.slice(1)],
    timeoutSeconds: 30,
  })
  await succeeds(t, sipp)
  const call = await endedTo(ALONE)
  t.match(call, {
    outcome: 'answered',
    termination: { result: 'success', reason: 'flow-ended', by: 'gateway' },
    agent: { sessions: 0 },
  })
  const { steps, orders } = await flowOf(product, call.call_id)
  t.strictSame(
    steps.filter(({ answer }) => answer !== null).map(({ step, answer }) => [step, answer]),
    [...STEPS, ['help', 'no']],
  )
  t.match(orders, [{ order_number: ORDER }])
  t.equal(product.agent.sessions.length, sessionsBefore)
  await product.idle()
})
