// What the page of trunks makes of routes and failures.
import t from 'tap'
import { reasonOf } from '../../../control-api/console/pages/trunks/failure-reason.ts'
import { routeShares } from '../../../control-api/console/pages/trunks/route-shares.ts'

const trunk = (name: string, ...routes: readonly (readonly [string[], number, number])[]) => ({
  name,
  routes: routes.map(([prefixes, priority, weight]) => ({ prefixes, priority, weight })),
})

t.test('routes come to a choice and a share, beside those of the others', async (t) => {
  const one = trunk('one', [['+49', '+43'], 10, 70], [['+'], 100, 1])
  const two = trunk('two', [['+49'], 10, 30])
  const three = trunk('three', [['+49'], 20, 1], [['+49'], 30, 9])
  const none = trunk('none')
  const idle = trunk('idle', [['+49'], 10, 0])
  const all = [one, two, three, none, idle]
  t.same(routeShares(one, all), [
    { prefix: '+49', choice: 1, choices: 2, share: 0.7 },
    { prefix: '+43', choice: 1, choices: 1, share: 1 },
    { prefix: '+', choice: 1, choices: 1, share: 1 },
  ])
  t.match(routeShares(two, all), [{ choice: 1, share: 0.3 }])
  t.same(routeShares(three, all), [{ prefix: '+49', choice: 2, choices: 2, share: 1 }])
  t.match(routeShares(idle, all), [{ choice: 1, share: 0 }])
  t.same(routeShares(none, all), [])
  const [waiting, other] = [trunk('a', [['+'], 1, 0]), trunk('b', [['+'], 1, 0])]
  t.match(routeShares(waiting, [waiting, other]), [{ share: 0.5 }], 'all have the weight 0')
})

t.test('an answer, or none, has a reason', async (t) => {
  const reason = (status: number | null, detail: string | null = null) =>
    reasonOf({ sip_status: status, detail })
  t.equal(reason(403), 'forbidden')
  t.equal(reason(401), 'credentials')
  t.equal(reason(408), 'no_answer')
  t.equal(reason(502), 'carrier_fault')
  t.equal(reason(302), 'moved')
  t.equal(reason(499), 'not_understood')
  t.equal(reason(600), 'unknown')
  // In words of the gateway.
  t.equal(reason(null, 'No Answer'), 'no_answer')
  t.equal(reason(null, 'SIP Server Away'), 'own_server')
  t.equal(reason(null, 'TLS Handshake Failed'), 'tls')
  t.equal(reason(null, 'Connection Refused'), 'refused_connection')
  t.equal(reason(null, 'Port Closed'), 'refused_connection')
  t.equal(reason(null, 'Connection Timed Out'), 'no_answer')
  t.equal(reason(null, 'DNS Error'), 'name')
  t.equal(reason(null, 'No Such Transport'), 'transport')
  t.equal(reason(null), 'no_answer')
})
