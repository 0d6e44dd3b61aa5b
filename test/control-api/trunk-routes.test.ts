// GET /api/trunks: everything there is to see of a trunk, and nothing else.
import t from 'tap'
import { epochMs } from '../../core/contracts/index.ts'
import { buildApp } from '../support/build-app.ts'
import { TRUNK_SEEN_AT as at, trunkView } from '../support/trunk-view.ts'

const time = '2023-11-14T22:13:20.000Z'

const rest = {
  ...{ domain: 'sip.example.com:5080', proxy: null, transport: null },
  ...{ codecs: ['PCMU', 'PCMA'], media: 'direct', srtp: 'off', transfer: 'auto' },
  health: { reach: 'up', since: time, sip_status: 200, detail: null },
}
const everywhere = {
  numbers_count: 0,
  routes: [{ prefixes: ['+'], priority: 100, weight: 1 }],
  ...{ max_concurrent_calls: null, max_calls_per_second: null },
}

t.test('the trunks, as they are defined and as they are', async (t) => {
  const states = {
    trunks: [
      trunkView('exolve', {
        registers: true,
        registration: 'failing',
        since: at,
        expiresAt: epochMs(at + 1000),
        lastFailure: { at, sipStatus: 403, detail: null },
        numbers: 3,
        routes: [{ prefixes: ['+49', '+43'], priority: 1, weight: 2 }],
        maxConcurrentCalls: 10,
        maxCallsPerSecond: 0.5,
        calls: 4,
      }),
      trunkView('other'),
    ],
    sipServerIsAway: true,
  }
  const app = await buildApp(t, { config: { trunks: () => states } })
  const response = await app.request('/api/trunks')
  t.equal(response.status, 200)
  t.same(await response.json(), {
    items: [
      {
        ...rest,
        name: 'exolve',
        registers: true,
        registration: 'failing',
        since: time,
        expires_at: '2023-11-14T22:13:21.000Z',
        last_failure: { at: time, sip_status: 403, detail: null },
        numbers_count: 3,
        routes: [{ prefixes: ['+49', '+43'], priority: 1, weight: 2 }],
        ...{ max_concurrent_calls: 10, max_calls_per_second: 0.5 },
        calls: 4,
      },
      {
        ...rest,
        ...everywhere,
        ...{ name: 'other', registers: false, registration: 'none', since: null, expires_at: null },
        ...{ last_failure: null, calls: 0 },
      },
    ],
    next_cursor: null,
    sip_server_away: true,
  })
})

t.test('how-to says nothing of trunks; without a gateway there are none', async (t) => {
  const app = await buildApp(t)
  const howTo = (await (await app.request('/api/how-to')).json()) as object
  t.match(howTo, { sip_server_away: false })
  t.notOk('trunks' in howTo)
  const none = { items: [], next_cursor: null, sip_server_away: false }
  t.same(await (await app.request('/api/trunks')).json(), none)
})
