// Alerts about calls and trunks, in a live product that is driven into what each is for: the shipped rules, with a
// patience of seconds, in a real Prometheus. Each trunk has a story of its own, all at once, and these alerts fire of it
// and no others.
import { setTimeout as sleep } from 'node:timers/promises'
import t, { type Test } from 'tap'
import type { E164, Trunk } from '#core/contracts'
import {
  startCarrier,
  type CarrierOptions,
  type PhoneScript,
} from '../../simulators/carrier/index.ts'
import { allEnd, place, startStory } from '../support/dashboards/call-stories.ts'
import { firesOfTrunks, type ByTrunk } from '../support/dashboards/firing.ts'
import { SCRAPED_MS, type Watched } from '../support/dashboards/watched-product.ts'
import { prometheusOptions } from '../support/prometheus.ts'
import { OUR_NUMBER, type Product } from '../support/start-product.ts'
import { newBranch, newCallId, requestText, SDP, SipPeer } from '../gateway/embedded/sip-peer.ts'

// Real calls take real time.
t.setTimeout(240_000)

const ACCOUNT = {
  user: 'acct7731',
  password: 'not-a-guess',
  registers: true,
  settings: 'the test',
}
const HEALTH = { intervalSeconds: 1, downAfter: 1, upAfter: 1 }

const FIRE: ByTrunk = {
  // Neither registers us nor answers.
  away: ['TrunkUnregistered page', 'TrunkDown page'],
  // Fails most calls.
  failing: ['NerLow page', 'NerLow ticket'],
  // Its calls go on by another, `next`, which is busy.
  first: ['TrunkFailsOver ticket', 'NerLow ticket'],
  next: [],
  // Numbers that are busy are nobody’s fault.
  busy: [],
  // Loses a fifth of the audio.
  lossy: ['MosLow ticket'],
  // Has no place left.
  narrow: ['TrunkFull ticket'],
  // Strangers knock, who have no trunk.
  '': ['RejectShareHigh ticket'],
}

const BEGINNING = {
  failing: '+493112',
  first: '+493212',
  busy: '+493312',
  lossy: '+493412',
  narrow: '+493512',
} as const

/** For as long as this test takes. */
const RINGS = [`${BEGINNING.narrow}3400008`, { ring_timeout_seconds: 120 }] as const

interface Play {
  /** What the carrier does to each call. */
  readonly script?: PhoneScript
  readonly carrier?: CarrierOptions
  /** Of the trunk to it. */
  readonly trunk?: Partial<Trunk>
  /** That the trunk is for. */
  readonly to?: string
  readonly priority?: number
}

/** A trunk to a carrier of its own. */
async function trunkTo(t: Test, name: string, play: Play) {
  const carrier = await startCarrier(play.carrier)
  t.teardown(() => carrier.close())
  if (play.script) carrier.script('*', play.script)
  const { host, port } = carrier.address
  const route = { prefixes: [play.to ?? '+4939'], priority: play.priority ?? 1, weight: 1 }
  const trunk: Trunk = {
    name,
    domain: `${host}:${port}`,
    numbers: [OUR_NUMBER as E164],
    routes: [route],
    health: 'off',
    ...play.trunk,
  }
  return { carrier, trunk }
}

const LOSES: PhoneScript = [
  { network: { sent: { lossPercent: 20 } } },
  { answer: true },
  { listen: 2000 },
  { hangUp: true },
]

const callMost = async (watched: Watched, ringing: number): Promise<void> => {
  await place(watched, 25, '53', BEGINNING.failing)
  await place(watched, 25, '00', BEGINNING.first)
  await place(watched, 25, '86', BEGINNING.busy)
  // All at once would be too much for the machine.
  for (let batches = 0; batches < 3; batches += 1) {
    await allEnd(watched, ringing)
    await place(watched, 7, '00', BEGINNING.lossy)
  }
  await allEnd(watched, ringing)
}

/** Requests of somebody who is no trunk's. */
async function strangerTo(t: Test, { sipHost: host, sipPort: port }: Product) {
  const peer = await SipPeer.open(t, '127.0.0.2')
  const target = `sip:agent@${host}:${port}`
  return async (count: number): Promise<void> => {
    for (let sent = 0; sent < count; sent += 1) {
      const parts = { method: 'INVITE', target, peer, body: SDP }
      peer.send(requestText({ ...parts, callId: newCallId(), branch: newBranch() }), { host, port })
      await sleep(20)
    }
  }
}

async function openTrunks(t: Test) {
  const registrar = { accounts: [ACCOUNT], maxExpiresSeconds: 4 }
  const account: Play = { carrier: { registrar }, trunk: { account: ACCOUNT, health: HEALTH } }
  const away = await trunkTo(t, 'away', account)
  const { failing, first, busy, lossy, narrow } = BEGINNING
  const limits = { maxConcurrentCalls: 2 }
  const others = await Promise.all([
    trunkTo(t, 'failing', { to: failing }),
    trunkTo(t, 'first', { to: first, script: [{ reject: 500 }] }),
    trunkTo(t, 'next', { to: first, priority: 2, script: [{ reject: 486 }] }),
    trunkTo(t, 'busy', { to: busy }),
    trunkTo(t, 'lossy', { to: lossy, script: LOSES }),
    trunkTo(t, 'narrow', { to: narrow, trunk: { limits } }),
  ])
  return { away: away.carrier, trunks: [away, ...others].map(({ trunk }) => trunk) }
}

t.test('trunks, each with a fault of its own or none', prometheusOptions, async (t) => {
  const { away, trunks } = await openTrunks(t)
  // Nobody asks for recordings.
  const watched = await startStory(t, { trunks, settings: { RECORD_CALLS: 'off' } })
  const { product, prometheus } = watched
  const knock = await strangerTo(t, product)
  await t.test('are quiet after a call of each', async (t) => {
    await place(watched, 1, '53', BEGINNING.failing)
    await place(watched, 1, '00', BEGINNING.first)
    await place(watched, 1, '86', BEGINNING.busy)
    await place(watched, 1, '00', BEGINNING.lossy)
    await allEnd(watched)
    await product.view.place(...RINGS)
    await knock(1)
    const quiet = [
      'voicegate_trunk_registered{trunk="away"} == 1 and voicegate_trunk_up == 1',
      'voicegate_trunk_calls_active{trunk="narrow"} == 1',
      'voicegate_sip_rejected_total{reason="stranger"} > 0',
    ]
    for (const expr of quiet) await prometheus.until(expr, 40_000)
    await sleep(SCRAPED_MS)
    await firesOfTrunks(t, prometheus, {})
  })

  await t.test('fire each what it deserves', async (t) => {
    away.registrar.fail('unavailable')
    away.failOptions('unavailable')
    await knock(40)
    await callMost(watched, 1)
    await product.view.place(...RINGS)
    await prometheus.until('voicegate:calls_ended:increase15m{trunk="busy"} >= 20', 40_000)
    await firesOfTrunks(t, prometheus, FIRE)
  })
})
