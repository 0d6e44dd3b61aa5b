// What servers write into WWW-Authenticate and Proxy-Authenticate, and what hostile ones might.
import t from 'tap'
import { decodeAuthHeader } from '../../../../gateway/sip/digest/auth-header.ts'
import { decodeChallenges } from '../../../../gateway/sip/digest/digest-challenge.ts'
import { processorMs } from '../../../support/processor-time.ts'

const one = (header: string) => decodeChallenges([header])[0]

t.test('the challenge of RFC 3261 section 22.4', async (t) => {
  const challenge = one(
    'Digest realm="biloxi.com", qop="auth,auth-int", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093", ' +
      'opaque="5ccc069c403ebaf9f0171e9517f40e41"',
  )
  t.same(challenge, {
    realm: 'biloxi.com',
    nonce: 'dcd98b7102dd2f0e8b11d0f600bfb0c093',
    opaque: '5ccc069c403ebaf9f0171e9517f40e41',
    algorithm: 'md5',
    algorithmName: undefined,
    qop: 'auth',
    stale: false,
  })
})

t.test('how it may be written', async (t) => {
  const cases: readonly (readonly [string, object])[] = [
    ['DIGEST REALM="a", NONCE="n"', { realm: 'a', nonce: 'n', qop: undefined }],
    ['Digest realm="Acme, Inc.", nonce="n,1", qop=auth', { realm: 'Acme, Inc.', nonce: 'n,1' }],
    ['Digest realm = "a" ,nonce ="n"\t,  algorithm = sha-256', { algorithm: 'sha-256' }],
    ['Digest realm="say \\"hi\\" \\\\", nonce="n"', { realm: 'say "hi" \\' }],
    ['Digest realm="a", nonce="n", algorithm="MD5"', { algorithm: 'md5', algorithmName: 'MD5' }],
    ['Digest realm="a", nonce="n", algorithm=MD5-Sess', { algorithm: 'md5-sess' }],
    ['Digest realm="a", nonce="n", algorithm=SHA-512-256', { algorithm: 'sha-512-256' }],
    ['Digest realm="a", nonce="n", stale=TRUE', { stale: true }],
    ['Digest realm="a", nonce="n", stale="true"', { stale: true }],
    ['Digest realm="a", nonce="n", stale=maybe', { stale: false }],
    ['Digest realm="a", nonce="n", qop="auth-int"', { qop: 'auth-int' }],
    ['Digest realm="a", nonce="n", qop="auth-int, AUTH"', { qop: 'auth' }],
    ['Digest realm="a", nonce="n", qop=""', { qop: undefined }],
    ['Digest realm="", nonce=""', { realm: '', nonce: '' }],
    ['Digest domain="sip:a,sip:b", x-new=1, charset=UTF-8, realm="a", nonce="n"', { realm: 'a' }],
    ['Digest realm="a" nonce="n"', { realm: 'a', nonce: 'n' }],
    ['Negotiate, Basic realm="b", Digest realm="a", nonce="n"', { realm: 'a' }],
    ['NTLM TlRMTVNTUAAB==, Digest realm="a", nonce="n"', { realm: 'a', nonce: 'n' }],
    ['Digest realm="größe", nonce="n"', { realm: 'größe' }],
  ]
  for (const [header, expected] of cases) t.match(one(header), expected, header)
})

t.test('what cannot be answered is no challenge', async (t) => {
  for (const header of [
    '',
    'Digest',
    'Digest realm="a"',
    'Digest nonce="n"',
    'Basic realm="a"',
    'Digest realm="a", nonce="n", algorithm=AKAv1-MD5',
    'Digest realm="a", nonce="n", algorithm=__proto__',
    'Digest realm="a", nonce="n", qop="auth-conf"',
    'Digest realm="a", nonce="open',
    'Digest realm="a", nonce="n\\',
    'Digest realm="a", realm="b", nonce="n"',
    'Digest realm="a", nonce="n", =5',
    'realm="a", nonce="n"',
    'Digest realm="a\u0000b", nonce="n"',
    'Digest realm="a\r\nEvil: 1", nonce="n"',
  ])
    t.equal(one(header), undefined, JSON.stringify(header))
})

t.test('the strongest algorithm of a realm, and each realm once', async (t) => {
  const digest = (realm: string, algorithm: string) =>
    `Digest realm="${realm}", nonce="${algorithm}", algorithm=${algorithm}, qop="auth"`
  const chosen = (...headers: string[]) =>
    decodeChallenges(headers).map(({ realm, algorithm }) => `${realm} ${algorithm}`)
  t.same(chosen(digest('a', 'MD5'), digest('a', 'SHA-256')), ['a sha-256'])
  t.same(chosen(digest('a', 'SHA-256'), digest('a', 'MD5')), ['a sha-256'])
  t.same(chosen(`${digest('a', 'MD5')}, ${digest('a', 'SHA-256')}`), ['a sha-256'], 'in one line')
  t.same(
    chosen(digest('a', 'SHA-512-256'), digest('a', 'SHA-256')),
    ['a sha-512-256'],
    'among equals the first (RFC 8760 section 2.4)',
  )
  t.same(chosen(digest('a', 'SHA-9'), digest('a', 'MD5')), ['a md5'], 'the unknown is passed over')
  t.same(chosen(digest('a', 'MD5'), digest('b', 'MD5'), digest('b', 'SHA-256')), [
    'a md5',
    'b sha-256',
  ])
})

t.test('a hostile header neither throws nor takes long', async (t) => {
  const long = (piece: string) => piece.repeat(Math.ceil(8000 / piece.length))
  const pieces = [
    '"',
    '\\',
    ',',
    '=',
    ' ',
    'a',
    'a=',
    'a="',
    'a="\\"',
    'Digest ',
    'Digest realm="a",',
  ]
  const headers = [...pieces, '="",', 'a b', 'é', '\u0000', '%00'].map(long)
  for (const header of headers.flatMap((text) => [text, `Digest ${text}`, `Digest a="${text}`])) {
    const ms = processorMs(() => void decodeChallenges([header]))
    t.ok(ms < 100, `${JSON.stringify(header.slice(0, 20))}… took ${ms.toFixed(1)} ms`)
  }
  t.same(decodeAuthHeader(`Digest realm="${'a'.repeat(9000)}"`), [], 'too long to be read')
  const schemes = decodeAuthHeader(Array.from({ length: 100 }, (_, at) => `S${at} a=b`).join(','))
  t.equal(schemes.length, 16, 'a bounded number of schemes')
})

t.test('random headers never throw', async (t) => {
  const alphabet = [
    'Digest ',
    'realm=',
    'nonce=',
    '"',
    '\\',
    ',',
    ' ',
    '=',
    'a',
    'é',
    '\t',
    '\u0000',
  ]
  let seed = 20_260_101
  const random = () => (seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31) / 2 ** 31
  let readable = 0
  for (let round = 0; round < 20_000; round += 1) {
    const length = Math.floor(random() * 20)
    const pick = () => alphabet[Math.floor(random() * alphabet.length)]!
    readable += decodeChallenges([Array.from({ length }, pick).join('')]).length
  }
  t.ok(readable >= 0, `${readable} could be read`)
})
