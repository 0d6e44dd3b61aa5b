// The digest itself: published examples, and each form against the formula written out once more.
import { createHash } from 'node:crypto'
import t from 'tap'
import { decodeChallenges } from '../../../../gateway/sip/digest/digest-challenge.ts'
import {
  decodeCredentials,
  formatCredentials,
} from '../../../../gateway/sip/digest/digest-credentials.ts'

const INVITE = { method: 'INVITE', uri: 'sip:bob@biloxi.com', body: 'v=0\r\n' }
const MUFASA = { username: 'Mufasa', password: 'Circle of Life' }
const USE = { cnonce: '0a4f113b', useCount: 1 }

function answer(
  challenge: string,
  account = MUFASA,
  request = INVITE,
  use: { cnonce: string; useCount: number } = USE,
) {
  const [decoded] = decodeChallenges([challenge])
  return formatCredentials(decoded!, account, request, use) ?? ''
}

const responseIn = (header: string) => /response="([\da-f]*)"/.exec(header)?.[1]

t.test('RFC 7616 section 3.9.1', async (t) => {
  const nonce = '7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v'
  const opaque = 'FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS'
  const use = { cnonce: 'f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ', useCount: 1 }
  const request = { method: 'GET', uri: '/dir/index.html', body: '' }
  const expected = {
    MD5: '8ca523f5e9506fed4657c9700eebdbec',
    'SHA-256': '753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1',
  }
  for (const [algorithm, response] of Object.entries(expected)) {
    const header = answer(
      `Digest realm="http-auth@example.org", qop="auth, auth-int", algorithm=${algorithm}, ` +
        `nonce="${nonce}", opaque="${opaque}"`,
      ...([MUFASA, request, use] as const),
    )
    t.equal(
      header,
      `Digest username="Mufasa", realm="http-auth@example.org", nonce="${nonce}", ` +
        `uri="/dir/index.html", response="${response}", algorithm=${algorithm}, ` +
        `opaque="${opaque}", cnonce="${use.cnonce}", qop=auth, nc=00000001`,
    )
  }
})

t.test('RFC 2617 section 3.5, and RFC 2069 section 2.4 as corrected', async (t) => {
  const nonce = 'dcd98b7102dd2f0e8b11d0f600bfb0c093'
  const request = { method: 'GET', uri: '/dir/index.html', body: '' }
  const rfc2617 = answer(
    `Digest realm="testrealm@host.com", qop="auth,auth-int", nonce="${nonce}"`,
    ...([{ username: 'Mufasa', password: 'Circle Of Life' }, request, USE] as const),
  )
  t.equal(responseIn(rfc2617), '6629fae49393a05397450978507c4ef1')
  const rfc2069 = answer(
    `Digest realm="testrealm@host.com", nonce="${nonce}"`,
    ...([{ username: 'Mufasa', password: 'CircleOfLife' }, request, USE] as const),
  )
  t.equal(responseIn(rfc2069), '1949323746fe6a43ef61f9606e7febea')
  t.notMatch(rfc2069, /qop|nc=|cnonce|algorithm/, 'nothing that was not asked for')
})

t.test('every algorithm in every form', async (t) => {
  const HASHES = { MD5: 'md5', 'SHA-256': 'sha256', 'SHA-512-256': 'sha512-256' }
  for (const [name, hash] of Object.entries(HASHES))
    for (const session of ['', '-sess'])
      for (const qop of ['', 'auth', 'auth-int']) {
        const h = (text: string) => createHash(hash).update(text).digest('hex')
        const a1 = h('Mufasa:r:Circle of Life')
        const secret = session === '' ? a1 : h(`${a1}:n:0a4f113b`)
        const target = 'INVITE:sip:bob@biloxi.com'
        const a2 = h(qop === 'auth-int' ? `${target}:${h('v=0\r\n')}` : target)
        const middle = qop === '' ? '' : `:00000001:0a4f113b:${qop}`
        const offered = qop === '' ? '' : `, qop="${qop}"`
        const form = `${name}${session} ${qop}`
        const header = answer(`Digest realm="r", nonce="n", algorithm=${name}${session}${offered}`)
        t.equal(responseIn(header), h(`${secret}:n${middle}:${a2}`), form)
        t.equal(header.includes('cnonce='), qop !== '' || session !== '', `${form}: cnonce`)
      }
  const abc = createHash('sha512-256').update('abc').digest('hex')
  t.match(abc, /^53048e2681941ef99b2e29b76b4c7dab/, 'FIPS 180-4, not the first half of SHA-512')
})

t.test('nc counts in eight hexadecimal digits', async (t) => {
  const challenge = 'Digest realm="r", nonce="n", qop="auth"'
  const nc = (useCount: number) =>
    /nc=(\w+)/.exec(answer(challenge, MUFASA, INVITE, { cnonce: 'c', useCount }))?.[1]
  t.same([1, 10, 255, 4096].map(nc), ['00000001', '0000000a', '000000ff', '00001000'])
})

t.test('quotes are escaped, and no header can be smuggled in', async (t) => {
  const header = answer('Digest realm="say \\"hi\\"", nonce="n\\\\", opaque="o"', {
    username: 'a"b\\c',
    password: 'p',
  })
  t.match(header, 'username="a\\"b\\\\c", realm="say \\"hi\\"", nonce="n\\\\"')
  t.match(decodeCredentials(header), [{ username: 'a"b\\c', realm: 'say "hi"', nonce: 'n\\' }])
  t.equal(answer('Digest realm="r", nonce="n"', { username: 'a\r\nEvil: 1', password: 'p' }), '')
})

t.test('credentials that are incomplete are none', async (t) => {
  const good = 'username="u", realm="r", nonce="n", uri="sip:a", response="00"'
  const valid = `Digest ${good}, qop=auth, nc=00000001, cnonce="c"`
  t.match(decodeCredentials(valid), [{ protection: { qop: 'auth', nonceCount: '00000001' } }])
  t.match(decodeCredentials(`Digest ${good}`), [{ algorithm: 'md5', protection: undefined }])
  for (const header of [
    '',
    `Basic ${good}`,
    'Digest username="u"',
    `Digest ${good}, qop=auth`,
    `Digest ${good}, qop=auth, nc=1, cnonce="c"`,
    `Digest ${good}, qop=auth, nc=0000000g, cnonce="c"`,
    `Digest ${good}, qop=auth, nc=00000001`,
    `Digest ${good}, qop=none, nc=00000001, cnonce="c"`,
    `Digest ${good}, algorithm=unknown`,
    `Digest ${good}, username="v"`,
  ])
    t.same(decodeCredentials(header), [], header)
})
