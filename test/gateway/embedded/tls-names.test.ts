// Whom a TLS caller's certificate is for: told to the application when it was verified, and never believed from the wire.
import { once } from 'node:events'
import { connect as connectTls, type ConnectionOptions, type TLSSocket } from 'node:tls'
import t, { type Test } from 'tap'
import { createAnswerMint } from '../../../core/contracts/answer-mint.ts'
import { ms } from '../../../core/contracts/index.ts'
import { createLogger } from '../../../core/telemetry/index.ts'
import { createClock } from '../../../core/time/index.ts'
import { startEmbeddedSip, type EmbeddedSip } from '../../../gateway/embedded/index.ts'
import { openDrachtio } from '../../../gateway/sip/drachtio.ts'
import type { InboundInvite } from '../../../gateway/sip/sip-port.ts'
import {
  makeCertificates,
  opensslOptions,
  pemOf,
  type CertificateFiles,
} from '../../support/certificates.ts'
import { eventually } from '../../support/process.ts'
import { requestText, SipPeer } from './sip-peer.ts'

const NAMES = ['SBC.Carrier.test', '*.edge.carrier.test']
const FORGED = 'X-Voicegate-Tls-Name: sbc.carrier.test'

const pem = ({ cert, key }: CertificateFiles) => ({ cert: pemOf(cert), key: pemOf(key) })

type Trust = Parameters<typeof openDrachtio>[1]

/** The application's side: what it was told of each INVITE. */
async function openApp(t: Test, sip: EmbeddedSip, admin: Trust = sip.admin) {
  const deps = { logger: createLogger('silent'), clock: createClock(), ...createAnswerMint() }
  const port = await openDrachtio(deps, admin, ms(5000))
  t.teardown(() => port.close())
  const invites: InboundInvite[] = []
  port.onInvite((invite) => {
    invites.push(invite)
    invite.refuse(480)
  })
  let read = 0
  const next = async (): Promise<InboundInvite> => {
    read += 1
    await eventually('the INVITE', 3_000, () => invites.length >= read)
    return invites[read - 1]!
  }
  return { next }
}

async function openServer(t: Test, tls: { cert: string; key: string; ca?: string }) {
  const sip = await startEmbeddedSip({
    listen: [
      { protocol: 'tls', host: '127.0.0.1', port: 0 },
      { protocol: 'udp', host: '127.0.0.1', port: 0 },
    ],
    tls,
  })
  t.teardown(() => sip.close())
  sip.onFault((fault) => t.fail(`a defect of the SIP server: ${fault}`))
  const [secure, plain] = sip.addresses
  return { sip, securePort: secure?.port ?? 0, plain: plain ?? { host: '', port: 0 } }
}

/** A TLS caller, and what the server says to it. */
async function dial(t: Test, port: number, options: ConnectionOptions = {}): Promise<TLSSocket> {
  const socket = connectTls({ host: '127.0.0.1', port, rejectUnauthorized: false, ...options })
  t.teardown(() => socket.destroy())
  await once(socket, 'secureConnect')
  return socket
}

t.test('the names of a client certificate', opensslOptions, async (t) => {
  const certificates = makeCertificates(t, NAMES)
  const ca = pemOf(certificates.ca)
  const { sip, securePort, plain } = await openServer(t, { ...pem(certificates.good), ca })
  const app = await openApp(t, sip)
  const peer = await SipPeer.open(t)
  const target = `sip:a@127.0.0.1:${securePort}`
  const invite = (headers: string[] = []): string =>
    requestText({ method: 'INVITE', target, peer, headers }).replace('UDP', 'TLS')
  const toldOf = async (options: ConnectionOptions, headers: string[] = []) => {
    const socket = await dial(t, securePort, options)
    socket.write(invite(headers))
    const { tlsNames, extraHeaders, protocol } = await app.next()
    socket.destroy()
    t.equal(protocol, 'tls')
    t.same(Object.keys(extraHeaders), [])
    return tlsNames
  }

  await t.test('reach the application when an authority we trust signed it', async (t) => {
    const known = ['localhost', 'sbc.carrier.test', '*.edge.carrier.test']
    t.same(await toldOf(pem(certificates.good)), known, 'its alternative names, not CN or address')
    t.same(await toldOf(pem(certificates.good), [FORGED]), known, 'and no others')
    t.same(await toldOf(pem(certificates.commonName)), ['only.cn.test'], 'CN where there are none')
    const old = { ...pem(certificates.good), maxVersion: 'TLSv1.2' } as const
    t.same(await toldOf(old), known)
  })

  await t.test('stay untold otherwise, and the call comes through all the same', async (t) => {
    t.same(await toldOf({}), [], 'no certificate')
    t.same(await toldOf(pem(certificates.selfSigned)), [])
    t.same(await toldOf(pem(certificates.expired)), [])
  })

  await t.test('are as they were when a session is resumed', async (t) => {
    for (const [options, names] of [
      [pem(certificates.otherName), ['other.test']],
      [pem(certificates.selfSigned), []],
      [{}, []],
    ] as const) {
      const first = await dial(t, securePort, options)
      const session = once(first, 'session')
      first.write(invite())
      t.same((await app.next()).tlsNames, names)
      const [ticket] = (await session) as [Buffer]
      first.destroy()
      t.same(await toldOf({ ...options, session: ticket }), names)
    }
  })

  await t.test('cannot be claimed by a header, however it is written', async (t) => {
    for (const forged of [
      FORGED,
      FORGED.toLowerCase(),
      FORGED.toUpperCase(),
      FORGED.replace(':', ' \t:'),
      FORGED.replace(': ', ':\r\n '),
      `X-Other: 1\r\n${FORGED}\r\n${FORGED.toLowerCase()}`,
    ]) {
      peer.send(requestText({ method: 'INVITE', target, peer, headers: [forged] }), plain)
      const { tlsNames, extraHeaders } = await app.next()
      t.same(tlsNames, [], JSON.stringify(forged))
      t.notOk(Object.keys(extraHeaders).some((name) => name.includes('voicegate')))
    }
    t.same(await toldOf({}, [FORGED]), [])
  })

  await t.test('count for nothing where the SIP server is not ours', async (t) => {
    const second = await openServer(t, { ...pem(certificates.good), ca })
    const { admin } = second.sip
    const untrusting = await openApp(t, second.sip, { ...admin, trustsTlsNames: false })
    const socket = await dial(t, second.securePort, pem(certificates.good))
    socket.write(invite())
    const { tlsNames, extraHeaders } = await untrusting.next()
    t.same([tlsNames, extraHeaders], [[], {}])
  })
})

t.test('hundreds of authorities break no handshake', opensslOptions, async (t) => {
  const certificates = makeCertificates(t, NAMES)
  const many = `${pemOf(certificates.ca)}\n`.repeat(3)
  for (const ca of [undefined, many]) {
    const tls = { ...pem(certificates.good), ...(ca === undefined ? {} : { ca }) }
    const { sip, securePort } = await openServer(t, tls)
    const app = await openApp(t, sip)
    const peer = await SipPeer.open(t)
    const socket = await dial(t, securePort, pem(certificates.good))
    const target = `sip:a@127.0.0.1:${securePort}`
    socket.write(requestText({ method: 'INVITE', target, peer }).replace('UDP', 'TLS'))
    const { tlsNames } = await app.next()
    t.equal(tlsNames.length > 0, ca !== undefined, 'the system’s own did not sign it')
    t.ok(socket.bytesRead < 4_000, `${socket.bytesRead} bytes: no authority is named to callers`)
  }
})
