// Boards and rules in the field: a live product, the shipped rules in a real Prometheus, and every expression asked.
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { newBranch, newCallId, requestText, SDP, SipPeer } from '../gateway/embedded/sip-peer.ts'
import { readSources } from '../support/dashboards/sources.ts'
import { withVariables } from '../support/dashboards/variables.ts'
import { SCRAPED_MS, startWatched, type Watched } from '../support/dashboards/watched-product.ts'
import { prometheusOptions, type Sample } from '../support/prometheus.ts'

/** As Grafana would of two minutes, scraped every second; All of each variable. */
const WINDOWS = { interval: '1m', range: '2m', value: '.*' }
/** Answered, busy, not found, declined, the carrier's fault. */
const OUTBOUND = ['+4930123471', '+4930123486', '+4930123404', '+4930123403', '+4930123453']
const ACCOUNT = { user: 'acct7731', password: 'not-a-guess', registers: true, settings: 'the test' }
const TRUNK = {
  account: ACCOUNT,
  health: { intervalSeconds: 5, downAfter: 3, upAfter: 1 },
  limits: { maxConcurrentCalls: 50 },
}

/** What is empty in this run, and why. One that has data is not to be here. */
const MAY_BE_EMPTY: readonly [where: RegExp, why: string][] = [
  [/: Starts \[\?\]/, 'nothing starts again'],
  [/: (?:drachtio-server|Connections of voicegate to it)/, 'there is no drachtio-server'],
  [/offset 1w/, 'there was no last week'],
  [/Routes, over the time range \[E\]/, 'no request of ours is answered with 5xx'],
  [/Operations, over the time range \[[BCD]\]/, 'no vendor refuses or fails'],
  [/Twilio: webhooks/, 'there is no Twilio'],
  [/vendors\.json: How long they took/, 'no photo was made to speak'],
]

/** What may be pending in this run all the same, and why. */
const MAY_STIR: ReadonlyMap<string, string> = new Map([
  ['EventLoopLag', 'the machine runs other tests'],
  ['VoicegateDown', 'so much that one scrape takes too long'],
  ['DiskFilling', 'what they write looks like a trend, of which seconds are known'],
])

/** What was not there at the last scrape is not seen to grow: everything happens twice. */
const ROUNDS = 2

/** Has data while an alert is pending, and none without: both are right. */
const TELLS_OF_ALERTS = /: ALERTS\{/

const hasData = (samples: readonly Sample[]): boolean =>
  samples.some(({ value }) => Number.isFinite(value))

/** Calls out, one in; one with an agent each way; a stranger, and a request for what is not there. */
async function oneRound({ product }: Watched, stranger: SipPeer): Promise<void> {
  const { view, carrier, sipHost, sipPort } = product
  const before = (await view.history()).length
  for (const number of OUTBOUND) await view.place(number)
  const to = `sip:+4930555100@${sipHost}:${sipPort}`
  await carrier.call({ to, from: '+4930777001', script: 'callerHangsUp' })
  const target = `sip:agent@${sipHost}:${sipPort}`
  const parts = { method: 'INVITE', target, peer: stranger, body: SDP, callId: newCallId() }
  stranger.send(requestText({ ...parts, branch: newBranch() }), { host: sipHost, port: sipPort })
  await view.request('/api/calls/none')
  await view.allEnded(before + OUTBOUND.length + 1)
}

/** When it last had everything: all is asked of that moment, whatever a scrape fails afterwards. */
async function lastScrape({ prometheus }: Watched): Promise<number> {
  const [seen] = await prometheus.until('timestamp(voicegate_build_info)', 10_000)
  return seen?.value ?? 0
}

interface Asked {
  /** `board: panel [query]: expression`. */
  readonly what: string
  readonly isEmpty: boolean
}

async function askAll(watched: Watched): Promise<readonly Asked[]> {
  const { panels, recordings } = readSources()
  const time = await lastScrape(watched)
  return Promise.all(
    [...panels, ...recordings].map(async ({ where, expr }) => {
      const samples = await watched.prometheus.query(withVariables(expr, WINDOWS), { time })
      return { what: `${where}: ${expr}`, isEmpty: !hasData(samples) }
    }),
  )
}

t.test('a live product', { timeout: 180_000, ...prometheusOptions }, async (t) => {
  const carrier = { registrar: { accounts: [ACCOUNT] } }
  const watched = await startWatched(t, { carrier, trunk: TRUNK })
  const { product, prometheus, receiver } = watched
  const stranger = await SipPeer.open(t, '127.0.0.2')
  await prometheus.until('up{job="voicegate"} == 1', 10_000)
  for (let round = 0; round < ROUNDS; round += 1) {
    await oneRound(watched, stranger)
    await sleep(SCRAPED_MS)
  }
  await receiver.until(ROUNDS * (OUTBOUND.length + 1))
  await product.idle()
  await sleep(SCRAPED_MS)

  await t.test('fills every panel and recording rule where data is due', async (t) => {
    const asked = await askAll(watched)
    const excused = (what: string) =>
      TELLS_OF_ALERTS.test(what) || MAY_BE_EMPTY.some(([pattern]) => pattern.test(what))
    const missing = asked.filter(({ isEmpty, what }) => isEmpty && !excused(what))
    t.same(missing, [])
    for (const [pattern, why] of MAY_BE_EMPTY) {
      const named = asked.filter(({ what }) => pattern.test(what))
      t.ok(named.length > 0, `there is: ${pattern.source}`)
      t.same(
        named.filter(({ isEmpty }) => !isEmpty),
        [],
        why,
      )
    }
  })

  await t.test('has every rule evaluated, and no alert', async (t) => {
    const { recordings, alerts } = readSources()
    const rules = await prometheus.rules()
    t.equal(rules.length, recordings.length + alerts.length)
    t.same(
      rules.filter(({ health }) => health !== 'ok'),
      [],
    )
    const stirring = await prometheus.alerts()
    t.same(
      stirring.filter(({ name, state }) => state === 'firing' || !MAY_STIR.has(name)),
      [],
      'nothing fires, and nothing is about to',
    )
  })
})
