import t from 'tap'
import { bindingExpiry, secondsOf } from '../../../gateway/sip/contact-binding.ts'
import { processorMs } from '../../support/processor-time.ts'

const OURS = '<sip:user@192.0.2.1:5060>;expires=3600'

t.test('how long our binding stands, in the words of a registrar', async (t) => {
  for (const [listed, headerExpires, expected] of [
    ['<sip:user@192.0.2.1:5060>;expires=100', '7', 100],
    ['<sip:user@192.0.2.1>;q=0.5;Expires = "100"', undefined, 100],
    [
      '"a, <sip:user@192.0.2.1>;expires=1" <sip:b@192.0.2.9>;expires=5,<sip:user@192.0.2.1:5060;transport=udp>;expires=100',
      '7',
      100,
    ],
    ['<sip:user@192.0.2.1:5062>;expires=5, <sip:user@192.0.2.1:5060>', '7', 7],
    ['<sip:user@203.0.113.5:40000>;expires=55', '7', 55],
    ['<sip:b@192.0.2.9>;expires=6, <sip:c@192.0.2.9>;expires=5', '7', 5],
    ['<sip:b@192.0.2.9>;expires=60, <sip:c@192.0.2.9>', '7', 7],
    // Ours rewritten by a translator, and another phone of the account.
    ['<sip:b@192.0.2.9>;expires=5, <sip:user@203.0.113.5:40000>;expires=55', '7', 55],
    ['<sip:user@203.0.113.5:1>;expires=99, <sip:user@203.0.113.5:2>;expires=55', '7', 55],
    ['<sip:user@203.0.113.5:1>;expires=99, <sip:user@192.0.2.1>;expires=120', '7', 120],
    // Just removed.
    ['<sip:user@203.0.113.5:1>;expires=0, <sip:user@203.0.113.5:2>;expires=55', '7', 55],
    ['<sip:user@203.0.113.5:1>;expires=55, <sip:user@203.0.113.5:2>;expires=0', '7', 55],
    ['<sip:user@203.0.113.5:1>;expires=0', '7', 0],
    ['<sip:user@192.0.2.1>;expires=0, <sip:user@203.0.113.5:2>;expires=55', '7', 0],
    ['<sip:192.0.2.9>;expires=5, <sip:b@192.0.2.9>;expires=9', '7', 5],
    ['sip:user@192.0.2.1:5060;expires=100', '7', 100],
    ['<sip:user@192.0.2.1:5060;expires=9>', undefined, 3600],
    ['', undefined, 3600],
    ['<', undefined, 3600],
    ['<'.repeat(50_000), undefined, 3600],
    ['"\\'.repeat(25_000), undefined, 3600],
  ] as const)
    t.equal(bindingExpiry(listed, OURS, headerExpires, 3600), expected, listed.slice(0, 120))
})

t.test('a text of a hostile registrar costs no time', async (t) => {
  for (const piece of ['<', '"', '"\\', ',', ';expires=', '<sip:a@b>,', ' ']) {
    const ms = processorMs(() => void bindingExpiry(piece.repeat(50_000), OURS, undefined, 3600))
    t.ok(ms < 300, JSON.stringify(piece), { ms })
  }
})

t.test('seconds, with or without a comment', async (t) => {
  t.same(
    ['120', ' 18000;duration=3600', '5 (I am in a meeting)', '-5', 'soon', '', undefined].map(
      secondsOf,
    ),
    [120, 18_000, 5, undefined, undefined, undefined, undefined],
  )
})
