import t from 'tap'
import type { E164, Trunk } from '../../../core/contracts/index.ts'
import { accountTrunk } from '../../../core/config/account-trunk.ts'
import {
  contactUser,
  extraHeaders,
  fromHeader,
  numberFromWire,
  requestUri,
  trunkUri,
} from '../../../gateway/trunks/trunk.ts'

const trunkOf = (user: string, proxy?: string): Trunk =>
  accountTrunk({ name: 'exolve', user, password: 'p', domain: 'sip.exolve.ru', proxy }, 'settings')

t.test('an account dials its domain, and is shown as the user it is', async (t) => {
  const trunk = trunkOf('883140776920289', 'sip:80.75.130.100')
  t.equal(requestUri(trunk, '+79123456789'), 'sip:+79123456789@sip.exolve.ru')
  t.same(trunk.numbers, ['+883140776920289'])
  t.equal(fromHeader(trunk, '+883140776920289'), '<sip:883140776920289@sip.exolve.ru>')
  t.equal(fromHeader(trunk, null), '<sip:883140776920289@sip.exolve.ru>')
  t.equal(contactUser(trunk), '883140776920289')
  t.match(trunk, { proxy: 'sip:80.75.130.100', account: { registers: true } })
})

t.test('a user that is no telephone number gives none to show', async (t) => {
  for (const user of ['alice', '101', '0301234567', '12', 'a.b+c'])
    t.same(trunkOf(user).numbers, [], user)
  t.equal(fromHeader(trunkOf('alice'), null), '<sip:alice@sip.exolve.ru>')
  t.equal(fromHeader(trunkOf('+4930123456'), '+4930123456'), '<sip:+4930123456@sip.exolve.ru>')
})

t.test('a trunk without an account shows its number, or our name', async (t) => {
  const trunk: Trunk = { name: 'x', domain: 'd:5080', numbers: ['+4930555100' as E164] }
  t.equal(fromHeader(trunk, '+4930555100'), '<sip:+4930555100@d:5080>')
  t.equal(fromHeader(trunk, null), '<sip:voicegate@d:5080>')
  t.equal(contactUser(trunk), 'voicegate')
})

const PLAIN: Trunk = { name: 'x', domain: 'd', numbers: ['+4930555100' as E164] }
const ACCOUNT = { user: 'alice', password: 'p', registers: false, settings: 's' }
const GERMAN = { country: '49', nationalPrefix: '0', internationalPrefix: '00' }

t.test('numbers as the trunk writes them, wherever they stand', async (t) => {
  const trunk: Trunk = { ...PLAIN, numberFormat: GERMAN, callerId: { assertedIdentity: true } }
  t.equal(requestUri(trunk, '+4930123456'), 'sip:030123456@d')
  t.equal(requestUri(trunk, '+442071234567'), 'sip:00442071234567@d')
  t.equal(fromHeader(trunk, '+4930555100'), '<sip:030555100@d>')
  t.same(extraHeaders(trunk, '+4930555100'), { 'P-Asserted-Identity': '<sip:030555100@d>' })
  t.equal(numberFromWire(trunk, '030123456'), '+4930123456')
  t.equal(fromHeader({ ...PLAIN, numberFormat: 'digits' }, '+4930555100'), '<sip:4930555100@d>')
})

t.test('how it is reached, where no proxy says so', async (t) => {
  for (const transport of ['udp', 'tcp', 'tls'] as const) {
    t.equal(requestUri({ ...PLAIN, transport }, '+49301'), `sip:+49301@d;transport=${transport}`)
    t.equal(trunkUri({ ...PLAIN, transport }), `sip:d;transport=${transport}`)
    t.equal(trunkUri({ ...PLAIN, transport, proxy: 'sip:p' }), 'sip:d')
  }
  t.equal(fromHeader({ ...PLAIN, transport: 'tcp' }, '+49301234'), '<sip:+49301234@d>')
  t.equal(trunkUri(PLAIN), 'sip:d')
})

t.test('who calls, by the trunk’s policy', async (t) => {
  const number = '+4930555100'
  const rows: [Trunk['callerId'], string | null, string, object][] = [
    [undefined, number, '<sip:+4930555100@d>', {}],
    [undefined, null, '<sip:alice@d>', {}],
    [{ from: 'number' }, number, '<sip:+4930555100@d>', {}],
    [{ from: 'number' }, null, '<sip:alice@d>', {}],
    [{ from: 'account' }, number, '<sip:alice@d>', {}],
    [
      { from: 'account', assertedIdentity: true },
      number,
      '<sip:alice@d>',
      { 'P-Asserted-Identity': '<sip:+4930555100@d>' },
    ],
    [{ assertedIdentity: true }, null, '<sip:alice@d>', {}],
    [{ assertedIdentity: true }, 'alice', '<sip:alice@d>', {}],
    [
      { anonymous: true },
      number,
      '"Anonymous" <sip:anonymous@anonymous.invalid>',
      { Privacy: 'id' },
    ],
    [
      { anonymous: true, assertedIdentity: true, from: 'account' },
      number,
      '"Anonymous" <sip:anonymous@anonymous.invalid>',
      { 'P-Asserted-Identity': '<sip:+4930555100@d>', Privacy: 'id' },
    ],
  ]
  for (const [callerId, from, header, extra] of rows) {
    const trunk = { ...PLAIN, account: ACCOUNT, ...(callerId ? { callerId } : {}) }
    t.equal(fromHeader(trunk, from), header, JSON.stringify(callerId))
    t.same(extraHeaders(trunk, from), extra, JSON.stringify(callerId))
  }
  t.equal(
    fromHeader({ ...PLAIN, callerId: { from: 'account' } }, number),
    '<sip:+4930555100@d>',
    'without an account there is none to show',
  )
  const own = { ...PLAIN, account: { ...ACCOUNT, user: '4930555100' } }
  t.equal(
    fromHeader(own, number),
    '<sip:4930555100@d>',
    'the account’s own number, as it is written',
  )
  t.equal(fromHeader({ ...own, callerId: { from: 'number' } }, number), '<sip:+4930555100@d>')
})
