// Two trunks on the wire: what the record says of a call that went on by the second, and a pause that the first asked for.
import t from 'tap'
import type { E164, Trunk } from '#core/contracts'
import { SipPeer } from '../gateway/embedded/sip-peer.ts'
import { startProduct } from '../support/start-product.ts'

const NUMBER = '+4930123456'

t.test('503 with Retry-After: the next trunk, its number, and it alone for as long', async (t) => {
  const [one, two] = [await SipPeer.open(t, '127.0.0.2'), await SipPeer.open(t, '127.0.0.3')]
  const trunk = ({ hostPort }: SipPeer, name: string, priority: number, number: string): Trunk => ({
    name,
    domain: hostPort,
    numbers: [number as E164],
    routes: [{ prefixes: ['+'], priority, weight: 1 }],
    health: 'off',
  })
  const product = await startProduct(t, {
    trunks: [trunk(one, 'one', 1, '+4930111001'), trunk(two, 'two', 2, '+4930222002')],
  })
  const { view } = product
  const first = await view.place(NUMBER)
  one.reply(await one.wait('INVITE'), '503 Service Unavailable', {
    tag: 'one',
    headers: ['Retry-After: 30 (in maintenance);duration=3600'],
  })
  const invite = await two.wait('INVITE')
  t.match(invite.headers.get('From'), 'sip:+4930222002@')
  two.reply(invite, '486 Busy Here', { tag: 'two' })
  t.match(await view.ended(first), { trunk: 'two', from: '+4930222002', outcome: 'busy' })
  t.match(
    (await view.timeline(first)).filter(({ type }) => /^sip\.(invite|failed)$/.test(type)),
    [
      { type: 'sip.invite', trunk: 'one' },
      { type: 'sip.failed', sip_status: 503, next_trunk: 'two' },
      { type: 'sip.invite', trunk: 'two' },
      { type: 'sip.failed', sip_status: 486 },
    ],
  )
  t.equal(await view.metric('trunk_failovers_total', 'trunk="one"'), 1)

  const second = await view.place(NUMBER)
  two.reply(await two.wait('INVITE', 2), '486 Busy Here', { tag: 'two' })
  t.match(await view.ended(second), { trunk: 'two', from: '+4930222002' })
  t.equal(one.count('INVITE'), 1, 'who wants no requests gets none')
  await product.idle()
})
