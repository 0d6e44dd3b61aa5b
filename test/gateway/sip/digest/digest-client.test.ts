// How often and with what a challenged request is repeated.
import t from 'tap'
import { createDigestClient } from '../../../../gateway/sip/digest/digest-client.ts'
import { challengerRoute } from '../../../../gateway/sip/digest/challenger-route.ts'

const ACCOUNT = { username: 'gateway', password: 'secret' }
const INVITE = { method: 'INVITE', uri: 'sip:bob@biloxi.com', body: '' }

const challenge = (realm: string, nonce: string, more = ''): string[] => [
  `Digest realm="${realm}", nonce="${nonce}", qop="auth"${more}`,
]

function client() {
  let made = 0
  return createDigestClient(ACCOUNT, { newCnonce: () => `cnonce${(made += 1)}` })
}

t.test('a challenge is answered once: wrong credentials do not become right', async (t) => {
  const exchange = client().begin()
  t.same(exchange.headersFor(INVITE), [], 'nothing before a challenge')
  t.ok(exchange.accept(401, challenge('a', '1')))
  const [[name, value] = []] = exchange.headersFor(INVITE)
  t.equal(name, 'Authorization')
  t.match(value, 'nc=00000001')
  t.notOk(exchange.accept(401, challenge('a', '2')), 'refused')
  t.notOk(exchange.accept(401, challenge('a', '1')), 'refused')
})

t.test('stale allows one more, with the new nonce', async (t) => {
  const exchange = client().begin()
  t.ok(exchange.accept(407, challenge('a', '1')))
  t.notOk(exchange.accept(407, challenge('a', '1', ', stale=true')), 'the same nonce is no news')
  t.ok(exchange.accept(407, challenge('a', '2', ', stale=true')))
  t.match(exchange.headersFor(INVITE)[0], ['Proxy-Authorization', /nonce="2".*nc=00000001/])
  t.notOk(exchange.accept(407, challenge('a', '3', ', stale=true')), 'not for ever')
})

t.test('a proxy and then the registrar: both headers go along', async (t) => {
  const exchange = client().begin()
  t.ok(exchange.accept(407, challenge('proxy', '1')))
  exchange.headersFor(INVITE)
  t.ok(exchange.accept(401, challenge('home', '2')))
  t.match(exchange.headersFor(INVITE), [
    ['Proxy-Authorization', /realm="proxy".*cnonce="cnonce1".*nc=00000002/],
    ['Authorization', /realm="home".*cnonce="cnonce2".*nc=00000001/],
  ])
})

t.test('two proxies of a fork in one response: a header for each', async (t) => {
  const exchange = client().begin()
  t.ok(exchange.accept(407, [...challenge('a', '1'), ...challenge('b', '2')]))
  t.match(exchange.headersFor(INVITE), [
    ['Proxy-Authorization', /realm="a"/],
    ['Proxy-Authorization', /realm="b"/],
  ])
})

t.test('a later request brings its credentials at once, and may be challenged anew', async (t) => {
  const remembered = client()
  const first = remembered.begin()
  first.accept(407, challenge('a', '1'))
  first.headersFor(INVITE)
  const second = remembered.begin()
  t.match(second.headersFor({ ...INVITE, method: 'BYE' }), [
    ['Proxy-Authorization', /nonce="1".*cnonce="cnonce1".*nc=00000002/],
  ])
  t.ok(second.accept(407, challenge('a', '2')), 'many servers forget to say stale')
  t.notOk(second.accept(407, challenge('a', '3')))
})

t.test('nothing to answer: other statuses, no challenge, an unknown algorithm', async (t) => {
  const exchange = client().begin()
  t.notOk(exchange.accept(403, challenge('a', '1')))
  t.notOk(exchange.accept(401, []))
  t.notOk(exchange.accept(401, ['Digest realm="a", nonce="n", algorithm=AKAv1-MD5']))
  t.same(exchange.headersFor(INVITE), [])
})

t.test('a server that asks for a new realm each time is left after four', async (t) => {
  const remembered = client()
  for (let round = 0; round < 3; round += 1) {
    const exchange = remembered.begin()
    let answered = 0
    while (exchange.accept(401, challenge(`realm${round}-${answered}`, 'n'))) answered += 1
    t.equal(answered, 4)
  }
  t.equal(remembered.begin().headersFor(INVITE).length, 4, 'and the oldest realms are forgotten')
})

t.test('the repetition goes to the server that challenged, where a name was dialled', async (t) => {
  const from = { source_address: '192.0.2.7', source_port: 5080, protocol: 'udp' }
  const pinned = 'sip:192.0.2.7:5080;transport=udp'
  t.equal(challengerRoute('sip:+49301@carrier.example', from), pinned)
  t.equal(challengerRoute('sip:carrier.example:5070;transport=udp', from), pinned)
  t.equal(
    challengerRoute('sip:a@carrier.example', { ...from, source_address: '2001:db8::7' }),
    'sip:[2001:db8::7]:5080;transport=udp',
  )
  t.equal(challengerRoute('sip:a@192.0.2.9', from), undefined, 'an address stays')
  t.equal(challengerRoute('sip:a@[2001:db8::9]:5060', from), undefined, 'an address stays')
  t.equal(challengerRoute('sip:a@carrier.example', { ...from, protocol: 'tls' }), undefined)
  t.equal(challengerRoute('sips:a@carrier.example', from), undefined)
  t.equal(challengerRoute('sip:a@carrier.example', { source_address: '' }), undefined, 'our own')
})
