// Plays one scenario: SIPp is the carrier, the product in this process the other side; then both are asked what was.
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Test } from 'tap'
import { runSipp, succeeds, type Sipp } from '../../support/sipp.ts'
import type { CallView } from '../../support/product-view.ts'
import { eventually } from '../../support/process.ts'
import type { Expectation, FailoverScenario } from './expectations.ts'
import { startAnsweringCarrier } from './failover/answering-carrier.ts'
import type { SuiteProduct } from './suite-product.ts'

/** Trunks are known by address: these are two, and one that is none. */
export const CARRIER_IN = '127.0.0.20'
export const CARRIER_OUT = '127.0.0.10'
export const STRANGER = '127.0.0.30'
const OUR_SERVICE = '+4930555100'
/** Two clocks of one machine: SIPp writes its lines when it comes to it. */
const CLOCK_SLACK_MS = 25

const fileOf = (name: string): string => join(import.meta.dirname, `scenarios/${name}.xml`)

export async function playInbound(
  t: Test,
  product: SuiteProduct,
  name: string,
  expected: Expectation,
): Promise<void> {
  const number = product.nextNumber()
  const sipp = await runSipp(t, {
    scenario: fileOf(name),
    host: expected.fromStranger === true ? STRANGER : CARRIER_IN,
    target: product.target,
    keys: { caller: number },
    args: ['-s', OUR_SERVICE],
  })
  const find = async (): Promise<CallView | undefined> =>
    (await product.view.history()).find(({ from }) => from === number)
  if (expected.hangUp !== undefined)
    await hangUp(product, expected.hangUp, async () => (await find())?.call_id)
  if (expected.failsOn === product.sipServer)
    t.equal(await sipp.exitCode, 1, 'the known difference shows')
  else await succeeds(t, sipp)
  if (expected.record === undefined) {
    t.equal(await find(), undefined, 'no call came of it')
    return
  }
  const call = await eventually('its record', 5000, find)
  await check(t, product, { callId: call.call_id, sipp, expected, name })
}

export async function playOutbound(
  t: Test,
  product: SuiteProduct,
  name: string,
  expected: Expectation,
): Promise<void> {
  const sipp = await runSipp(t, { scenario: fileOf(name), host: CARRIER_OUT })
  const callId = await product.dial(name, [{ domain: domainOf(sipp), ...expected.trunk }], expected)
  if (expected.hangUp !== undefined)
    await hangUp(product, expected.hangUp, () => Promise.resolve(callId))
  await succeeds(t, sipp)
  await check(t, product, { callId, sipp, expected, name })
}

/** The first trunk fails as its scenario says; the second is dialled, or must not be. */
export async function playFailover(
  t: Test,
  product: SuiteProduct,
  { first, second }: FailoverScenario,
  expected: Expectation,
): Promise<void> {
  const failing = await runSipp(t, { scenario: fileOf(first), host: CARRIER_OUT })
  const unrung = await startAnsweringCarrier(t, () => ({ status: 500 }))
  const taking =
    second === undefined
      ? undefined
      : await runSipp(t, { scenario: fileOf(second), host: CARRIER_OUT })
  const domains = [domainOf(failing), taking ? domainOf(taking) : unrung.domain]
  const callId = await product.dial(
    first,
    domains.map((domain) => ({ domain })),
  )
  if (expected.hangUp !== undefined)
    await hangUp(product, expected.hangUp, () => Promise.resolve(callId))
  await succeeds(t, failing)
  if (taking) await succeeds(t, taking)
  await check(t, product, { callId, sipp: taking ?? failing, expected, name: first })
  t.same(unrung.rung, [], 'nobody else is rung')
}

const domainOf = ({ host, port }: Sipp): string => `${host}:${port}`

/** Some time after it has rung or the agent is there, as a human would. */
async function hangUp(
  { view }: SuiteProduct,
  when: NonNullable<Expectation['hangUp']>,
  callId: () => Promise<string | undefined>,
): Promise<void> {
  const isTime = ({ status, agent }: CallView): boolean =>
    when === 'while ringing' ? status === 'ringing' : agent.opened_at !== null
  const found = await eventually(`a call to hang up ${when}`, 10_000, async () => {
    const id = await callId()
    if (id === undefined) return false
    const call = await view.call(id)
    if (call.status === 'ended')
      throw new Error(`it ended before: ${JSON.stringify(call.termination)}`)
    return isTime(call) && id
  })
  await sleep(when === 'while ringing' ? 100 : 400)
  await view.hangUp(found)
}

interface Played {
  readonly callId: string
  readonly sipp: Sipp
  readonly expected: Expectation
  readonly name: string
}

export async function check(
  t: Test,
  product: SuiteProduct,
  { callId, sipp, expected }: Played,
): Promise<void> {
  const call = await product.view.ended(callId)
  t.match(call, expected.record ?? {}, 'the record')
  const timeline = await product.view.timeline(callId)
  for (const item of expected.timeline ?? [])
    t.ok(
      timeline.some((each) => hasAll(each, item)),
      `the timeline tells of ${JSON.stringify(item)}`,
    )
  const ways = timeline.filter(({ type }) => type === 'media.path').map((path) => path['through'])
  if (product.media === 'media-server')
    t.notOk(ways.includes('direct'), 'the audio goes by the media server')
  checkMoney(t, product, { callId, call, sipp, expected })
}

const hasAll = (
  item: Readonly<Record<string, unknown>>,
  wanted: Readonly<Record<string, unknown>>,
): boolean =>
  Object.entries(wanted).every(([field, value]) =>
    value instanceof RegExp ? value.test(String(item[field])) : item[field] === value,
  )

function checkMoney(
  t: Test,
  product: SuiteProduct,
  { callId, call, sipp, expected }: Omit<Played, 'name'> & { readonly call: CallView },
): void {
  const sessions = product.sessionsOf(callId)
  if (expected.agent === 'none') {
    t.match(call.agent, { sessions: 0, opened_at: null }, 'no agent in the record')
    t.same(sessions, [], 'and none at the vendor')
    return
  }
  t.match(call.agent, { sessions: 1 }, 'one agent')
  t.equal(sessions.length, 1, 'and one at the vendor')
  const answeredAt = sipp
    .messages()
    .find(({ text }) => /^SIP\/2\.0 200[^]*^CSeq: *\d+ INVITE/im.test(text))?.atMs
  const openedAt = sessions[0]?.upgradeAt ?? Number.NaN
  const early = (answeredAt ?? Number.NaN) - openedAt
  t.ok(early < CLOCK_SLACK_MS, `opened ${-early} ms after the 200 OK passed the wire`)
  t.ok((call.agent.open_ms_after_answer ?? -1) >= 0, 'by our own clock too')
}
