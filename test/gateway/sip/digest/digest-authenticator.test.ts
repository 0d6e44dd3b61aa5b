// Who calls: challenges without memory, and credentials that are good once.
import t from 'tap'
import { epochMs } from '../../../../core/contracts/index.ts'
import { createClock } from '../../../../core/time/index.ts'
import {
  createDigestAuthenticator,
  type DigestAuthenticator,
} from '../../../../gateway/sip/digest/digest-authenticator.ts'
import { createDigestClient } from '../../../../gateway/sip/digest/digest-client.ts'
import { NonceCounts } from '../../../../gateway/sip/digest/nonce-counts.ts'
import { ms } from '../../../../core/contracts/index.ts'

const ALICE = { username: 'alice', password: 'wonderland' }
const INVITE = { method: 'INVITE', uri: 'sip:+4930555100@gateway.example', body: '' }

function build() {
  const time = { ms: 1_700_000_000_000 }
  const clock = { ...createClock(), now: () => epochMs(time.ms) }
  const credentials = (name: string) => (name === 'alice' ? ALICE.password : undefined)
  const realm = 'gateway.example'
  return { time, authenticator: createDigestAuthenticator({ realm, credentials, clock }) }
}

interface Attempt {
  readonly account?: typeof ALICE
  readonly request?: typeof INVITE
  readonly challenges?: readonly string[]
}

/** The credentials of somebody who answers our challenge. */
function answerTo(authenticator: DigestAuthenticator, attempt: Attempt = {}): string {
  const exchange = createDigestClient(attempt.account ?? ALICE).begin()
  exchange.accept(401, attempt.challenges ?? authenticator.challenge())
  return exchange.headersFor(attempt.request ?? INVITE)[0]?.[1] ?? ''
}

t.test('two challenges on one nonce: SHA-256 before MD5', async (t) => {
  const { authenticator } = build()
  const [sha, md5, ...more] = authenticator.challenge()
  const nonce = /nonce="([\w-]+)"/.exec(sha!)![1]!
  t.same(more, [])
  t.equal(sha, `Digest realm="gateway.example", nonce="${nonce}", algorithm=SHA-256, qop="auth"`)
  t.equal(md5, sha!.replace('SHA-256', 'MD5'))
  t.match(authenticator.challenge({ stale: true })[0], /, stale=true$/)
  t.not(authenticator.challenge()[0], sha, 'in the same millisecond another nonce')
})

t.test('the right answer, with either algorithm, opens', async (t) => {
  const { authenticator } = build()
  for (const at of [0, 1]) {
    const challenges = authenticator.challenge().slice(at, at + 1)
    const header = answerTo(authenticator, { challenges })
    t.match(header, `algorithm=${at === 0 ? 'SHA-256' : 'MD5'}`)
    t.same(authenticator.verify(INVITE, header), { kind: 'ok', username: 'alice' })
  }
})

t.test('what does not open', async (t) => {
  const { authenticator } = build()
  const verdictOn = (header: string, request = INVITE) => authenticator.verify(request, header).kind
  const attempt = (options: Attempt) => verdictOn(answerTo(authenticator, options))
  t.equal(verdictOn(''), 'absent')
  t.equal(verdictOn('Basic YTpi'), 'absent')
  const elsewhere = ['Digest realm="elsewhere", nonce="n", qop="auth"']
  t.equal(attempt({ challenges: elsewhere }), 'absent', 'credentials for another realm')
  t.equal(attempt({ account: { ...ALICE, password: 'guess' } }), 'refused')
  t.equal(attempt({ account: { ...ALICE, username: 'bob' } }), 'refused')
  t.equal(attempt({ account: { username: '', password: '' } }), 'refused')
  t.equal(attempt({ request: { ...INVITE, method: 'BYE' } }), 'refused', 'for another method')
  t.equal(attempt({ request: { ...INVITE, uri: 'sip:+49900@gateway.example' } }), 'refused')
  t.equal(attempt({ request: { ...INVITE, uri: 'sip:+4930555100@other.example' } }), 'refused')
  const [challenge = ''] = authenticator.challenge()
  const altered = (from: string | RegExp, to: string) =>
    attempt({ challenges: [challenge.replace(from, to)] })
  t.equal(altered(', qop="auth"', ''), 'refused', 'without a count it could be sent again')
  t.equal(altered('qop="auth"', 'qop="auth-int"'), 'refused', 'not what was offered')
  t.equal(altered('SHA-256', 'SHA-512-256'), 'refused', 'not what was offered')
  const right = answerTo(authenticator)
  t.equal(verdictOn(right.replace(/response="../, 'response="')), 'refused')
  t.equal(verdictOn(`${right}, ${right.slice(7)}`), 'absent', 'repeated parameters')
})

t.test('the Request-URI, as phones and proxies write it', async (t) => {
  const { authenticator } = build()
  const verdict = (written: string) => {
    const header = answerTo(authenticator, { request: { ...INVITE, uri: written } })
    return authenticator.verify(INVITE, header).kind
  }
  for (const uri of [
    'sip:+4930555100@gateway.example:5060',
    'sip:+4930555100@GATEWAY.example;transport=udp',
    'sips:+4930555100@gateway.example',
    'sip:gateway.example',
    'sip:gateway.example:5060',
  ])
    t.equal(verdict(uri), 'ok', uri)
  for (const uri of ['sip:+4930555101@gateway.example', 'sip:gateway', '', '*', 'tel:+4930555100'])
    t.equal(verdict(uri), 'refused', uri)
})

t.test(
  'a nonce is good for five minutes; then it is stale, for those who know the password',
  async (t) => {
    const { authenticator, time } = build()
    const right = answerTo(authenticator)
    const wrong = answerTo(authenticator, { account: { ...ALICE, password: 'guess' } })
    time.ms += 5 * 60_000
    const last = answerTo(authenticator)
    t.equal(authenticator.verify(INVITE, right).kind, 'ok')
    time.ms += 5 * 60_000 + 1
    t.equal(authenticator.verify(INVITE, last).kind, 'stale')
    t.equal(authenticator.verify(INVITE, wrong).kind, 'refused')
    time.ms -= 60 * 60_000
    t.equal(authenticator.verify(INVITE, last).kind, 'stale', 'from the future')
  },
)

t.test('a nonce that we did not seal is stale at best', async (t) => {
  const { authenticator } = build()
  const [challenge = ''] = authenticator.challenge()
  const nonce = /nonce="([\w-]+)"/.exec(challenge)![1]!
  const flipped = (nonce.startsWith('A') ? 'B' : 'A') + nonce.slice(1)
  for (const forged of [
    flipped,
    '',
    'n',
    nonce.slice(1),
    `${nonce}=`,
    `${nonce}A`,
    nonce.slice(4),
  ]) {
    const challenges = [challenge.replace(nonce, forged)]
    const header = answerTo(authenticator, { challenges })
    t.equal(authenticator.verify(INVITE, header).kind, 'stale', forged)
  }
  const other = build().authenticator
  const header = answerTo(authenticator, { challenges: other.challenge() })
  t.equal(authenticator.verify(INVITE, header).kind, 'stale', 'of another start of the product')
})

t.test('credentials are good once; the next use of the nonce counts on', async (t) => {
  const { authenticator } = build()
  const exchange = createDigestClient(ALICE).begin()
  exchange.accept(401, authenticator.challenge())
  const [first, second, third] = [1, 2, 3].map(() => exchange.headersFor(INVITE)[0]![1])
  const verdict = (header: string | undefined) => authenticator.verify(INVITE, header!).kind
  t.same([first, first].map(verdict), ['ok', 'refused'], 'replayed')
  t.same([third, second].map(verdict), ['ok', 'refused'], 'an old count')
})

t.test('the memory of counts is bounded, and what was forgotten cannot be replayed', async (t) => {
  const counts = new NonceCounts(ms(1000), 100)
  const use = (at: number, issuedAtMs: number, nowMs: number) =>
    counts.take(`n${at}`, { issuedAtMs, count: 1 }, nowMs)
  for (let at = 0; at < 500; at += 1) use(at, at, 500)
  t.equal(counts.size, 100)
  t.equal(use(499, 499, 500), 'replayed')
  t.equal(use(3, 3, 500), 'forgotten')
  t.equal(use(1000, 1000, 1000), 'first', 'new nonces go on')
  use(9999, 9999, 10_000)
  t.equal(counts.size, 1, 'what expired leaves')
})

t.test('strangers take no memory and little time', async (t) => {
  const { authenticator } = build()
  const before = performance.now()
  const heapBefore = process.memoryUsage().heapUsed
  for (let at = 0; at < 5000; at += 1)
    authenticator.verify(
      INVITE,
      answerTo(authenticator, { account: { ...ALICE, password: `${at}` } }),
    )
  const perCallMs = (performance.now() - before) / 5000
  t.ok(perCallMs < 2, `${perCallMs.toFixed(3)} ms for challenge, answer and verdict`)
  t.ok(process.memoryUsage().heapUsed - heapBefore < 100e6)
})
