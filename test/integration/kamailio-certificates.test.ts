// A carrier over TLS that cannot prove who it is: nothing is sent to it, the reason is said, nothing hangs.
import t, { type Test } from 'tap'
import {
  makeCertificates,
  opensslOptions,
  type CertificateFiles,
  type TestCertificates,
} from '../support/certificates.ts'
import { kamailioOptions, startKamailio } from '../support/kamailio.ts'
import { eventually } from '../support/process.ts'
import { startAtKamailio } from '../support/start-at-kamailio.ts'

interface WrongCertificate {
  readonly name: string
  readonly shown: (certificates: TestCertificates) => CertificateFiles
  readonly detail: string
}

const WRONG: readonly WrongCertificate[] = [
  {
    name: 'an expired certificate',
    shown: ({ expired }) => expired,
    detail: 'Certificate Has Expired',
  },
  {
    name: 'a certificate for another name',
    shown: ({ otherName }) => otherName,
    detail: 'Certificate Is For Another Name',
  },
  {
    name: 'a self-signed certificate',
    shown: ({ selfSigned }) => selfSigned,
    detail: 'Certificate Not Trusted',
  },
]

for (const { name, shown, detail } of WRONG)
  t.test(`${name} is refused, with the reason`, { ...opensslOptions, ...kamailioOptions }, (t) =>
    isRefused(t, (certificates) => ({ shown: shown(certificates), ca: certificates.ca }), detail),
  )

t.test(
  'a certificate of an authority we do not know is refused, with the reason',
  { ...opensslOptions, ...kamailioOptions },
  (t) =>
    isRefused(
      t,
      ({ good }) => ({ shown: good, ca: makeCertificates(t).ca }),
      'Certificate Not Trusted',
    ),
)

async function isRefused(
  t: Test,
  choose: (certificates: TestCertificates) => {
    readonly shown: CertificateFiles
    readonly ca: string
  },
  detail: string,
): Promise<void> {
  const { shown, ca } = choose(makeCertificates(t))
  const kamailio = await startKamailio(t, { tls: shown })
  const product = await startAtKamailio(t, kamailio, { protocol: 'tls', tls: { ca } })
  const callId = await product.view.place('+4930123456')
  const startedAt = performance.now()
  t.match(await product.view.ended(callId, 5000), {
    outcome: 'failed',
    answered_at: null,
    termination: { result: 'upstream_error', reason: 'unreachable', by: 'carrier' },
    agent: { sessions: 0 },
  })
  t.ok(performance.now() - startedAt < 3000, 'at once')
  const timeline = await product.view.timeline(callId)
  t.match(
    timeline.find(({ type }) => type === 'sip.failed'),
    { detail },
  )
  t.equal(await product.view.metric('trunk_registered'), 0)
  await product.idle()
  t.equal(product.agent.sessions.length, 0)
  t.same(
    kamailio.seen().filter(({ method }) => method !== 'OPTIONS'),
    [],
    'it saw no request, so no name, number or credentials',
  )
  t.same(await kamailio.contacts(), [])
  const stats = await product.voicegate.sip.embedded?.stats()
  t.equal(stats?.dialogs, 0)
  await eventually('no connection left', 3000, async () => {
    return (await product.voicegate.sip.embedded?.stats())?.connections === 0
  })
  const stoppingAt = performance.now()
  await product.stop()
  t.ok(performance.now() - stoppingAt < 5000, 'and it stops')
}
