import t from 'tap'
import { DEFAULT_HEALTH } from '../../../core/contracts/index.ts'
import {
  afterAnswer,
  firstDelay,
  isAlive,
  nextDelay,
  UNASKED,
} from '../../../gateway/trunks/health-policy.ts'

t.test('which answers to OPTIONS say that calls can be placed', async (t) => {
  const dead = new Set([408, 500, 502, 503, 504])
  for (let status = 200; status < 700; status += 1)
    t.equal(isAlive({ status }), !dead.has(status), String(status))
  for (const detail of ['Connection Refused', 'No Answer', 'Unknown'])
    for (const status of [200, 404, 503])
      t.notOk(isAlive({ status, detail }), 'nobody answered: it is our own SIP server that speaks')
})

t.test('down after so many failures in a row, up after so many answers in a row', async (t) => {
  const policy = { intervalSeconds: 30, downAfter: 3, upAfter: 2 }
  // `+` an answer, `-` none; and what is believed after each: `u`p, `d`own, `?` not known.
  const rows: [string, string][] = [
    ['+', 'u'],
    ['-', '?'],
    ['---', '??d'],
    ['--+', '??u'],
    ['+---', 'uuud'],
    ['+--+--+---', 'uuuuuuuuud'],
    ['---+', '??dd'],
    ['---+-+', '??dddd'],
    ['---++', '??ddu'],
    ['---++---', '??dduuud'],
  ]
  const words = { up: 'u', down: 'd', unasked: '?' }
  for (const [answers, expected] of rows) {
    let belief = UNASKED
    let seen = ''
    for (const answer of answers) {
      belief = afterAnswer(belief, answer === '+', policy)
      seen += words[belief.reach]
    }
    t.equal(seen, expected, answers)
  }
  const once = { ...policy, downAfter: 1, upAfter: 1 }
  t.match(afterAnswer({ reach: 'up', against: 0 }, false, once), { reach: 'down' })
  t.match(afterAnswer({ reach: 'down', against: 0 }, true, once), { reach: 'up' })
})

t.test('asked soon, and then never in step with others', async (t) => {
  t.same([firstDelay(() => 0), firstDelay(() => 1)], [100, 1000])
  t.same([nextDelay(DEFAULT_HEALTH, () => 0), nextDelay(DEFAULT_HEALTH, () => 1)], [27_000, 33_000])
})
