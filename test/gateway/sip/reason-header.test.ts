import t from 'tap'
import { q850Cause } from '../../../gateway/sip/reason-header.ts'
import { reasonOf } from '../../../gateway/sip/q850.ts'

t.test('the number of Q.850 is found, and nothing is taken for it', async (t) => {
  for (const [value, cause] of [
    ['Q.850;cause=17;text="User busy"', 17],
    ['q.850 ; text="a, Q.850;cause=1" ; Cause = 34', 34],
    ['SIP;cause=600;text="Busy Everywhere", Q.850;cause=127', 127],
    ['Q.850;text="she said \\", Q.850;cause=3";cause=21', 21],
    ['SIP;cause=200', undefined],
    ['SIP;cause=1;text=", Q.850;cause=9"', undefined],
    ['Q.8501;cause=17', undefined],
    ['Q.850;subcause=17', undefined],
    ['Q.850;cause=17x', undefined],
    ['Q.850;cause=0', undefined],
    ['Q.850;cause=128', undefined],
    ['Q.850;cause=1234', undefined],
    ['Q.850', undefined],
    ['', undefined],
  ] as const)
    t.equal(q850Cause(value), cause, value)
})

t.test('our BYE tells a goodbye from a fault', async (t) => {
  const ending = { reason: 'hangup', by: 'api', sipStatus: null } as const
  t.match(reasonOf({ ...ending, result: 'success' }), /^Q\.850;cause=16;/)
  t.match(reasonOf({ ...ending, result: 'server_error' }), /^Q\.850;cause=41;/)
  t.equal(q850Cause(reasonOf({ ...ending, result: 'upstream_error' })), 41, 'and can be read')
  t.match(reasonOf({ ...ending, result: 'indeterminate', reason: 'dead-air' }), /cause=16;/)
  const upstream = { ...ending, result: 'upstream_error' } as const
  t.equal(
    reasonOf({ ...upstream, reason: 'session-expired' }),
    'Q.850;cause=102;text="Recovery on timer expiry"',
  )
  t.match(reasonOf({ ...upstream, reason: 'media-not-acceptable' }), /cause=88;/)
})
