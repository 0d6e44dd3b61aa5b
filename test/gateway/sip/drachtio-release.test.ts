import t from 'tap'
import { identityOf } from '../../../gateway/sip/drachtio-identity.ts'
import { releaseRequest } from '../../../gateway/sip/drachtio-release.ts'
import type { SrfMessage } from '../../../gateway/sip/drachtio-types.ts'
import { aDialog } from '../../support/a-dialog.ts'

const OURS = '"Us" <sip:+4930555100@127.0.0.1>;tag=ours'
const THEIRS = '<sip:+4930123456@127.0.0.1>;tag=theirs'

interface Heard {
  readonly type: 'uac' | 'uas'
  readonly contact?: string
  readonly recordRoute?: string
  readonly source?: string
  readonly protocol?: string
}

/** What drachtio-srf holds after the 200 OK. */
function dialogOf({ type, contact = 'sip:phone@192.0.2.7:5070', ...heard }: Heard) {
  const isCaller = type === 'uac'
  const message = (headers: Record<string, string>, fromThem: boolean): SrfMessage => ({
    uri: 'sip:x@127.0.0.1',
    body: '',
    ...(fromThem
      ? {
          source_address: heard.source ?? '192.0.2.7',
          source_port: 40_000,
          protocol: heard.protocol ?? 'udp',
        }
      : {}),
    get: (name) => headers[name] ?? '',
    has: (name) => name in headers,
    getParsedHeader: () => ({ uri: '', params: {} }),
  })
  const routes = heard.recordRoute === undefined ? {} : { 'Record-Route': heard.recordRoute }
  const [from, to] = isCaller ? [OURS, '<sip:+4930123456@127.0.0.1>'] : [THEIRS, '<sip:us@x>']
  const invite = { From: from, To: to, CSeq: '7 INVITE', ...(isCaller ? {} : routes) }
  const ok = { From: from, To: isCaller ? THEIRS : '', ...(isCaller ? routes : {}) }
  return {
    type,
    sip: { callId: 'c1', localTag: 'ours', remoteTag: 'theirs' },
    remote: { uri: contact, sdp: '' },
    req: message(invite, !isCaller),
    res: message(ok, isCaller),
  }
}

t.test('the identity of a dialog, from either end', async (t) => {
  const common = { sipCallId: 'c1', localTag: 'ours', remoteTag: 'theirs', natAddress: null }
  const target = { remoteTarget: 'sip:phone@192.0.2.7:5070' }
  t.same(identityOf(dialogOf({ type: 'uac', recordRoute: '<sip:a;lr>,<sip:b;lr>' })), {
    ...common,
    ...target,
    localAddress: OURS,
    remoteAddress: THEIRS,
    routeSet: ['<sip:b;lr>', '<sip:a;lr>'],
    localSeq: 7,
  })
  t.same(identityOf(dialogOf({ type: 'uas', recordRoute: '<sip:a;lr>,<sip:b;lr>' })), {
    ...common,
    ...target,
    localAddress: '<sip:us@x>;tag=ours',
    remoteAddress: THEIRS,
    routeSet: ['<sip:a;lr>', '<sip:b;lr>'],
    localSeq: 0,
  })
})

t.test('a comma in a name or a URI parts no routes', async (t) => {
  const recordRoute = String.raw`"Edge, \"one\"" <sip:a;lr;x=1,2>;y="3,4" , <sip:b;lr>`
  const { routeSet } = identityOf(dialogOf({ type: 'uas', recordRoute }))
  t.same(routeSet, [String.raw`"Edge, \"one\"" <sip:a;lr;x=1,2>;y="3,4"`, '<sip:b;lr>'])
})

t.test('where the far end was seen counts when its Contact or route leads elsewhere', async (t) => {
  const seen = 'sip:198.51.100.1:40000;transport=udp'
  const contact = 'sip:phone@10.0.0.5:5070'
  const source = '198.51.100.1'
  const cases: (readonly [Heard, string | null])[] = [
    [{ type: 'uac' }, null],
    [{ type: 'uac', contact, source }, seen],
    [{ type: 'uas', contact, source }, seen],
    [{ type: 'uas', contact, source, protocol: 'tcp' }, null],
    [{ type: 'uas', contact, source, recordRoute: '<sip:203.0.113.1;lr>' }, null],
    [{ type: 'uac', contact, source, recordRoute: '<sip:203.0.113.1;lr>' }, null],
    [{ type: 'uac', contact, source, recordRoute: '<sip:172.31.0.1;lr>' }, seen],
    [{ type: 'uac', contact, source: '172.31.0.1', recordRoute: '<sip:172.31.0.1;lr>' }, null],
    [
      { type: 'uas', contact: 'sip:phone@[2001:db8::5]', source: '2001:db8::9' },
      'sip:[2001:db8::9]:40000;transport=udp',
    ],
    [{ type: 'uas', contact: 'sip:phone@[2001:db8::9]', source: '2001:db8::9' }, null],
  ]
  for (const [heard, expected] of cases)
    t.equal(identityOf(dialogOf(heard)).natAddress, expected, JSON.stringify(heard))
})

t.test('the BYE: straight, by loose and by strict routers, and behind a NAT', async (t) => {
  const dialog = aDialog({ localSeq: 4, remoteTarget: 'sip:phone@192.0.2.7' })
  const headers = {
    From: dialog.localAddress,
    To: dialog.remoteAddress,
    'Call-ID': dialog.sipCallId,
  }
  const cseq = 1004
  t.same(releaseRequest(dialog), {
    requestUri: 'sip:phone@192.0.2.7',
    proxy: undefined,
    headers,
    cseq,
  })
  t.same(releaseRequest({ ...dialog, routeSet: ['<sip:a:5080;lr;z=1>', '<sip:b>'] }), {
    requestUri: 'sip:phone@192.0.2.7',
    proxy: 'sip:a:5080;lr;z=1',
    headers: { Route: '<sip:a:5080;lr;z=1>, <sip:b>', ...headers },
    cseq,
  })
  t.same(releaseRequest({ ...dialog, routeSet: ['<sip:a;maddr=lr.invalid>', '<sip:b;lr>'] }), {
    requestUri: 'sip:a;maddr=lr.invalid',
    proxy: 'sip:a;maddr=lr.invalid',
    headers: { Route: '<sip:b;lr>, <sip:phone@192.0.2.7>', ...headers },
    cseq,
  })
  const natAddress = 'sip:198.51.100.1:40000;transport=udp'
  t.match(releaseRequest({ ...dialog, natAddress }), {
    requestUri: 'sip:phone@192.0.2.7',
    proxy: natAddress,
  })
})
