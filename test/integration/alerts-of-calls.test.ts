// Alerts about calls and trunks, in a live product that is driven into what each is for: the shipped rules, with a
// patience of seconds, in a real Prometheus. In each story these alerts fire and no others.
import { setTimeout as sleep } from 'node:timers/promises'
import t, { type Test } from 'tap'
import type { E164, Trunk } from '#core/contracts'
import { startCarrier } from '../../simulators/carrier/index.ts'
import { allEnd, place, story } from '../support/dashboards/call-stories.ts'
import { firesOnly } from '../support/dashboards/firing.ts'
import { SCRAPED_MS, type WatchedOptions } from '../support/dashboards/watched-product.ts'
import { OUR_NUMBER } from '../support/start-product.ts'
import { newBranch, newCallId, requestText, SDP, SipPeer } from '../gateway/embedded/sip-peer.ts'

// Real calls take real time.
t.setTimeout(240_000)
// They mostly wait.
t.jobs = 4

const ACCOUNT = {
  user: 'acct7731',
  password: 'not-a-guess',
  registers: true,
  settings: 'the test',
}
const HEALTH = { intervalSeconds: 1, downAfter: 1, upAfter: 1 }

story(
  'a carrier that neither registers us nor answers',
  {
    carrier: { registrar: { accounts: [ACCOUNT], maxExpiresSeconds: 4 } },
    trunk: { account: ACCOUNT, health: HEALTH },
  },
  async (t, { product, prometheus }) => {
    await prometheus.until('voicegate_trunk_registered == 1 and voicegate_trunk_up == 1', 40_000)
    await firesOnly(t, prometheus, [])
    product.carrier.registrar.fail('unavailable')
    product.carrier.failOptions('unavailable')
    await firesOnly(t, prometheus, ['TrunkUnregistered page', 'TrunkDown page'])
  },
)

story('a carrier that fails most calls', {}, async (t, watched) => {
  await place(watched, 1, '53')
  await allEnd(watched, 1)
  await sleep(SCRAPED_MS)
  await place(watched, 25, '53')
  await allEnd(watched, 26)
  await firesOnly(t, watched.prometheus, ['NerLow page', 'NerLow ticket'])
})

/** All calls go to the first of two, which fails them at once; the second is busy. */
async function failingFirst(t: Test): Promise<WatchedOptions> {
  const trunkOf = async (name: string, priority: number, status: number): Promise<Trunk> => {
    const carrier = await startCarrier()
    t.teardown(() => carrier.close())
    carrier.script('*', [{ reject: status }])
    const { host, port } = carrier.address
    const routes = [{ prefixes: ['+'], priority, weight: 1 }]
    const numbers = [OUR_NUMBER as E164]
    return { name, domain: `${host}:${port}`, numbers, routes, health: 'off' }
  }
  return { trunks: [await trunkOf('one', 1, 500), await trunkOf('two', 2, 486)] }
}

story('a trunk whose calls go on by another', failingFirst, async (t, watched) => {
  await place(watched, 1)
  await allEnd(watched, 1)
  await sleep(SCRAPED_MS)
  await place(watched, 25)
  await allEnd(watched, 26)
  await firesOnly(t, watched.prometheus, ['TrunkFailsOver ticket', 'NerLow ticket'])
})

story('numbers that are busy are nobody’s fault', {}, async (t, watched) => {
  await place(watched, 1, '86')
  await allEnd(watched, 1)
  await sleep(SCRAPED_MS)
  await place(watched, 25, '86')
  await allEnd(watched, 26)
  await watched.prometheus.until('voicegate:calls_ended:increase15m >= 20', 40_000)
  await firesOnly(t, watched.prometheus, [])
})

story('a line that loses a fifth of the audio', {}, async (t, watched) => {
  const network = { sent: { lossPercent: 20 } }
  watched.product.carrier.script('*', [
    { network },
    { answer: true },
    { listen: 2500 },
    { hangUp: true },
  ])
  await place(watched, 1)
  await allEnd(watched, 1)
  await sleep(SCRAPED_MS)
  // All at once would be too much for the machine.
  for (let ended = 1; ended < 22; ended += 7) {
    await place(watched, 7)
    await allEnd(watched, ended + 7)
  }
  await firesOnly(t, watched.prometheus, ['MosLow ticket'])
})

story(
  'a trunk without a place',
  { trunk: { limits: { maxConcurrentCalls: 2 } } },
  async (t, watched) => {
    await place(watched, 1, '72')
    await watched.prometheus.until('voicegate_trunk_calls_active == 1', 40_000)
    await firesOnly(t, watched.prometheus, [])
    await watched.product.view.place('+493012345672')
    await firesOnly(t, watched.prometheus, ['TrunkFull ticket'])
  },
)

story(
  'a range of RTP ports that is nearly used up',
  { settings: { RTP_PORT_MIN: '28800', RTP_PORT_MAX: '28809' } },
  async (t, watched) => {
    await place(watched, 1, '72')
    await watched.prometheus.until('voicegate_rtp_ports_in_use > 0', 40_000)
    await firesOnly(t, watched.prometheus, [])
    for (let index = 0; index < 4; index += 1)
      await watched.product.view.start({ phone_number: `+49301239${index}072` })
    await firesOnly(t, watched.prometheus, ['RtpPortsShort ticket'])
  },
)

story('strangers who knock', {}, async (t, { product, prometheus }) => {
  const stranger = await SipPeer.open(t, '127.0.0.2')
  const target = `sip:agent@${product.sipHost}:${product.sipPort}`
  const knock = async (count: number): Promise<void> => {
    for (let sent = 0; sent < count; sent += 1) {
      const parts = { method: 'INVITE', target, peer: stranger, body: SDP }
      const text = requestText({ ...parts, callId: newCallId(), branch: newBranch() })
      stranger.send(text, { host: product.sipHost, port: product.sipPort })
      await sleep(20)
    }
  }
  await knock(1)
  await prometheus.until('voicegate_sip_rejected_total{reason="stranger"} > 0', 40_000)
  await knock(40)
  await firesOnly(t, prometheus, ['RejectShareHigh ticket'])
})
