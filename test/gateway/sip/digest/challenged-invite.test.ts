// An INVITE that is challenged, and the CANCEL or the loss of the SIP server at each moment between its two sendings.
import t from 'tap'
import type { CallId } from '../../../../core/contracts/index.ts'
import { createLogger } from '../../../../core/telemetry/index.ts'
import { DrachtioOutboundInvite } from '../../../../gateway/sip/drachtio-outbound-invite.ts'
import type {
  Srf,
  SrfDialog,
  SrfError,
  SrfMessage,
} from '../../../../gateway/sip/drachtio-types.ts'
import type { InviteFailure, OutboundInvite } from '../../../../gateway/sip/sip-port.ts'

type CreateUac = Srf['createUAC']

interface Sending {
  readonly uri: string
  readonly options: Parameters<CreateUac>[1]
  /** The SIP server tells what it sent. */
  echo(): void
  refuse(status: number, headers?: Readonly<Record<string, string>>): void
  answer(): void
  canceled: number
}

const CHALLENGE = {
  'proxy-authenticate':
    'Digest realm="Acme, Inc.", nonce="n1", qop="auth", algorithm=SHA-256, ' +
    'Digest realm="Acme, Inc.", nonce="n1", qop="auth", algorithm=MD5',
}

function message(headers: Readonly<Record<string, string>>, uri = ''): SrfMessage {
  return {
    uri,
    body: 'v=0',
    source_address: '192.0.2.7',
    source_port: 5080,
    protocol: 'udp',
    get: (name) => headers[name.toLowerCase()] ?? '',
    has: (name) => name.toLowerCase() in headers,
    getParsedHeader: () => ({ uri: '', params: {} }),
  }
}

function build(overrides: Partial<OutboundInvite> = {}) {
  const sendings: Sending[] = []
  const told: string[] = []
  const createUAC: CreateUac = (uri, options, progress, callback) => {
    const { headers } = options
    const sent = {
      from: `${headers['From']}${/;tag=/.test(headers['From']!) ? '' : ';tag=ours'}`,
      'call-id': headers['Call-ID'] ?? 'call-1',
      cseq: headers['CSeq'] ?? '1 INVITE',
    }
    const sending: Sending = {
      uri,
      options,
      canceled: 0,
      echo: () => {
        const request = { ...message(sent, uri), stackTxnId: 'txn', on: () => undefined }
        const cancel = () => (sending.canceled += 1)
        progress.cbRequest(null, { ...request, cancel })
      },
      refuse: (status, given = {}) => {
        const error: SrfError = Object.assign(new Error(), { status, res: message(given) })
        callback(error)
      },
      answer: () => callback(null, { req: message(sent) } as unknown as SrfDialog),
    }
    sendings.push(sending)
  }
  const owner = {
    srf: { createUAC } as unknown as Srf,
    logger: createLogger('silent'),
    adopt: (_callId: CallId, dialog: SrfDialog) => dialog as never,
    settled: () => told.push('settled'),
  }
  const listener = {
    onSent: () => told.push('sent'),
    onRepeated: () => undefined,
    onProvisional: ({ status }: { status: number }) => told.push(String(status)),
    onAnswered: () => told.push('answered'),
    onFailed: ({ status, local, lost }: InviteFailure) =>
      told.push(`failed ${status}${local ? ' local' : ''}${lost ? ' lost' : ''}`),
    onEnded: () => told.push('ended'),
    onAcknowledged: () => undefined,
    onReoffer: () => ({ status: 488 }),
    onDefect: () => told.push('defect'),
  }
  const invite = new DrachtioOutboundInvite(
    owner,
    {
      callId: 'c1' as CallId,
      requestUri: 'sip:+4930123456@carrier.example',
      from: '<sip:gateway@carrier.example>',
      contactUser: 'gateway',
      sdp: 'v=0',
      headers: { 'X-Extra': '1' },
      credentials: { username: 'gateway', password: 'secret' },
      ...overrides,
    },
    listener as never,
  )
  invite.send()
  return { invite, sendings, told, at: (index: number) => sendings[index]! }
}

t.test('repeated within the same call, one higher, to the server that asked', async (t) => {
  const { at, told, sendings } = build()
  at(0).echo()
  at(0).refuse(407, CHALLENGE)
  t.equal(sendings.length, 2)
  const { uri, options } = at(1)
  t.equal(uri, 'sip:+4930123456@carrier.example')
  t.match(options, {
    proxy: 'sip:192.0.2.7:5080;transport=udp',
    localSdp: 'v=0',
    headers: {
      From: '<sip:gateway@carrier.example>;tag=ours',
      'Call-ID': 'call-1',
      CSeq: '2 INVITE',
      'X-Extra': '1',
      Contact: '<sip:gateway@localhost>',
      'Proxy-Authorization':
        /^Digest username="gateway", realm="Acme, Inc.".*uri="sip:\+4930123456@carrier.example".*SHA-256/,
    },
  })
  t.notOk(at(0).options.proxy, 'the first went where the name led')
  at(1).echo()
  at(1).answer()
  t.same(told, ['sent', 'settled', 'answered'], 'one INVITE for the call')
})

t.test('a proxy, then the callee: three sendings', async (t) => {
  const { at, told } = build()
  at(0).echo()
  at(0).refuse(407, CHALLENGE)
  at(1).echo()
  at(1).refuse(401, { 'www-authenticate': 'Digest realm="home", nonce="n2"' })
  at(2).echo()
  t.match(at(2).options.headers, {
    CSeq: '3 INVITE',
    'Proxy-Authorization': /nc=00000002/,
    Authorization: /realm="home"/,
  })
  at(2).refuse(486)
  t.same(told, ['sent', 'settled', 'failed 486'])
})

t.test('refused credentials, and challenges nobody can answer, end the call', async (t) => {
  const refused = build()
  refused.at(0).echo()
  refused.at(0).refuse(407, CHALLENGE)
  refused.at(1).echo()
  refused.at(1).refuse(407, CHALLENGE)
  t.same(refused.told, ['sent', 'settled', 'failed 407'])
  for (const [name, overrides, headers] of [
    ['no credentials', { credentials: undefined }, CHALLENGE],
    ['no challenge', {}, {}],
    ['another scheme', {}, { 'proxy-authenticate': 'NTLM' }],
  ] as const) {
    const { at, told, sendings } = build(overrides)
    at(0).echo()
    at(0).refuse(407, headers)
    t.equal(sendings.length, 1, name)
    t.same(told, ['sent', 'settled', 'failed 407'], name)
  }
})

t.test('an outbound proxy stays the next hop', async (t) => {
  const { at } = build({ proxy: 'sip:edge.example' })
  at(0).echo()
  at(0).refuse(407, CHALLENGE)
  for (const sending of [at(0), at(1)]) {
    t.equal(sending.options.proxy, 'sip:edge.example')
    t.equal(sending.options.headers['Route'], '<sip:edge.example;lr>')
  }
})

t.test('CANCEL before the challenge: no second INVITE, 487', async (t) => {
  const { at, told, sendings, invite } = build()
  at(0).echo()
  invite.cancel()
  at(0).refuse(407, CHALLENGE)
  t.equal(sendings.length, 1)
  t.equal(at(0).canceled, 1)
  t.same(told, ['sent', 'settled', 'failed 487 local'])
})

t.test('CANCEL between the sending and its echo reaches the second INVITE', async (t) => {
  const { at, told, invite } = build()
  at(0).echo()
  at(0).refuse(407, CHALLENGE)
  invite.cancel()
  t.equal(at(0).canceled, 0, 'the first is over')
  at(1).echo()
  invite.cancel()
  t.equal(at(1).canceled, 1, 'once')
  at(1).refuse(487)
  t.same(told, ['sent', 'settled', 'failed 487'])
})

t.test('the SIP server is lost between the two: one failure, whatever comes after', async (t) => {
  const { at, told, invite } = build()
  at(0).echo()
  at(0).refuse(407, CHALLENGE)
  invite.lose()
  at(1).refuse(503)
  t.same(told, ['sent', 'settled', 'failed 503 local lost'])
})
