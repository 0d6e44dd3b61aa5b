// Which failures may be tried again by another trunk: the table, as the carrier's engineer would read it.
import t from 'tap'
import { triesNextTrunk } from '../../../gateway/trunks/failover.ts'

/** Whether the next trunk is tried: before anything rang (or after early media alone), and after a 180. */
const TABLE: readonly (readonly [status: number, quiet: boolean, rang: boolean, why: string])[] = [
  [302, false, false, 'redirects are not followed'],
  [400, true, false, 'this trunk does not like how we ask'],
  [401, true, false, 'it does not know us'],
  [402, true, false, 'our account is empty'],
  [403, true, false, 'it does not let us'],
  [404, false, false, 'no such number'],
  [407, true, false, 'it does not know us'],
  [408, true, false, 'nobody answered; once it rang, the callee did not'],
  [410, false, false, 'gone'],
  [415, true, false, 'another one may understand'],
  [480, false, false, 'the callee is not there'],
  [484, false, false, 'the number is not whole'],
  [486, false, false, 'busy'],
  [487, false, false, 'canceled'],
  [488, true, false, 'another one may speak our codec'],
  [500, true, true, 'a fault on the way'],
  [502, true, true, 'a fault on the way'],
  [503, true, true, 'no capacity'],
  [504, true, true, 'a fault on the way'],
  [580, true, true, 'a fault on the way'],
  [600, false, false, 'busy everywhere'],
  [603, false, false, 'declined'],
  [604, false, false, 'exists nowhere'],
  [606, false, false, 'not acceptable to the callee'],
  [607, false, false, 'unwanted'],
  [608, false, false, 'rejected by an intermediary for the callee'],
  [699, false, false, 'whatever a 6xx is'],
]

const far = { local: false, lost: false }

t.test('by status, before and after the phone rang', async (t) => {
  for (const [status, quiet, rang, why] of TABLE) {
    t.equal(triesNextTrunk({ status, ...far }, false), quiet, `${status}: ${why}`)
    t.equal(triesNextTrunk({ status, ...far }, true), rang, `${status} after a 180: ${why}`)
  }
})

t.test('what telephony says by Q.850 is finer than the status', async (t) => {
  for (const q850Cause of [1, 17, 18, 19, 20, 21, 22, 28])
    for (const status of [403, 480, 500, 503])
      t.notOk(triesNextTrunk({ status, ...far, q850Cause }, false), `${status}, cause ${q850Cause}`)
  for (const q850Cause of [2, 3, 27, 34, 38, 41, 42, 44, 47])
    for (const status of [404, 480, 503])
      t.ok(triesNextTrunk({ status, ...far, q850Cause }, false), `${status}, cause ${q850Cause}`)
  t.notOk(triesNextTrunk({ status: 486, ...far, q850Cause: 34 }, false), 'busy stays busy')
  t.notOk(triesNextTrunk({ status: 603, ...far, q850Cause: 41 }, false), 'a decline stays one')
  t.notOk(triesNextTrunk({ status: 480, ...far, q850Cause: 34 }, true), 'it had rung')
})

t.test('our own SIP server could not reach the trunk', async (t) => {
  const local = { local: true, lost: false }
  t.ok(triesNextTrunk({ status: 503, ...local }, false))
  t.ok(triesNextTrunk({ status: 408, ...local }, false))
  t.notOk(triesNextTrunk({ status: 408, ...local }, true))
  t.notOk(triesNextTrunk({ status: 487, ...local }, false), 'the CANCEL crossed a challenge')
  t.notOk(triesNextTrunk({ status: 503, local: true, lost: true }, false), 'it is gone itself')
})
