import t from 'tap'
import type { E164, Trunk } from '../../../core/contracts/index.ts'
import { accountTrunk, contactUser, fromHeader, requestUri } from '../../../gateway/trunks/trunk.ts'

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
