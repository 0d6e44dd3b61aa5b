// Parser and serialiser against each other, and the parts of a message one by one.
import t from 'tap'
import { canonicalHeaderName } from '../../../../gateway/embedded/message/header-names.ts'
import {
  parseNameAddr,
  tagOf,
  withQuotedDisplays,
} from '../../../../gateway/embedded/message/name-addr.ts'
import { parseMessage } from '../../../../gateway/embedded/message/parse-message.ts'
import { serializeMessage } from '../../../../gateway/embedded/message/serialize-message.ts'
import { parseUri } from '../../../../gateway/embedded/message/uri.ts'
import { parseVia, viaWithSource } from '../../../../gateway/embedded/message/via.ts'
import { processorMs } from '../../../support/processor-time.ts'

const bytes = (...lines: string[]) => Buffer.from(lines.join('\r\n'))
const network = { trustContentLength: true }

t.test('compact headers are written out', async (t) => {
  for (const [compact, long] of [
    ['v', 'Via'],
    ['f', 'From'],
    ['t', 'To'],
    ['i', 'Call-ID'],
    ['m', 'Contact'],
    ['c', 'Content-Type'],
    ['l', 'Content-Length'],
    ['k', 'Supported'],
    ['s', 'Subject'],
    ['e', 'Content-Encoding'],
    ['o', 'Event'],
    ['u', 'Allow-Events'],
    ['r', 'Refer-To'],
    ['b', 'Referred-By'],
    ['x', 'Session-Expires'],
    ['CALL-id', 'Call-ID'],
    ['X-Mine', 'X-Mine'],
  ] as const) {
    t.equal(canonicalHeaderName(compact), long)
  }
})

t.test('a message leaves as it came, byte for byte in its values and body', async (t) => {
  const body = Buffer.from([0x76, 0x3d, 0x30, 0xff, 0x00, 0xe9])
  const head = bytes(
    'MESSAGE sip:a@b SIP/2.0',
    'Via: SIP/2.0/UDP h;branch=z9hG4bKx',
    'X-Name: ő€',
    'l: 6',
    '',
    '',
  )
  const message = parseMessage(Buffer.concat([head, body]), network)
  t.equal(message.kind, 'request')
  if (message.kind !== 'request') return
  const out = serializeMessage(message)
  t.ok(out.includes(Buffer.from('ő€')), 'UTF-8 survives')
  t.ok(out.subarray(-6).equals(body), 'the body survives')
  t.match(out.toString(), /Content-Length: 6\r\n\r\n/)
})

t.test('the application counts characters, so its Content-Length is not believed', async (t) => {
  const frame = bytes('SIP/2.0 200 OK', 'Content-Length: 1', '', 'né€')
  const message = parseMessage(frame, { trustContentLength: false })
  t.match(message, { kind: 'response', defect: undefined })
  if (message.kind === 'response') t.equal(message.body.length, 6)
  if (message.kind === 'response')
    t.match(serializeMessage(message).toString(), 'Content-Length: 6')
})

t.test('keep-alives and noise are no messages', async (t) => {
  t.match(parseMessage(Buffer.from('\r\n\r\n'), network), { kind: 'not-sip', reason: 'keep-alive' })
  t.match(parseMessage(Buffer.alloc(0), network), { kind: 'not-sip', reason: 'keep-alive' })
  t.match(parseMessage(Buffer.from('hello'), network), { kind: 'not-sip', reason: 'no-start-line' })

  t.test('a reason phrase is one line to every reader', async (t) => {
    const bytes = Buffer.from('SIP/2.0 486 Busy\u2028Here\u2029é\r\nCSeq: 1 INVITE\r\n\r\n')
    const message = parseMessage(bytes, network)
    t.match(message, { kind: 'response', status: 486, defect: undefined })
    const reason = message.kind === 'response' ? message.reason : ''
    t.equal(Buffer.from(reason, 'latin1').toString(), 'Busy Here é')
  })
  t.match(parseMessage(Buffer.from([0x80, 0, 1, 2]), network), { kind: 'not-sip' })
})

t.test('URIs', async (t) => {
  t.match(parseUri('sip:100@127.0.0.1:5070;transport=udp;lr'), {
    user: '100',
    host: '127.0.0.1',
    port: 5070,
  })
  t.match(parseUri('sips:[2001:db8::1]:5061'), { scheme: 'sips', host: '2001:db8::1', port: 5061 })
  t.match(parseUri('sip:a;b?c:d@host?x=y'), { user: 'a;b?c:d', host: 'host', headers: 'x=y' })
  t.match(parseUri('tel:+4930123'), { scheme: 'tel', user: '+4930123' })
  for (const wrong of [
    '',
    'sip:',
    'sip:@h',
    'sip:a@',
    'sip:a b@h',
    'sip:a@h:0',
    'sip:a@h:70000',
    'http://h',
    '<sip:a@h>',
  ]) {
    t.equal(parseUri(wrong), undefined, wrong)
  }
})

t.test('addresses', async (t) => {
  t.match(parseNameAddr('"A, \\"B\\" <c>" <sip:a@h;x=1>;tag=t'), { uri: 'sip:a@h;x=1' })
  t.equal(tagOf('sip:a@h;tag=abc'), 'abc')
  t.equal(tagOf('<sip:a@h;tag=inner>'), '')
  for (const wrong of [
    '"open <sip:a@h>',
    '<sip:a@h',
    'A, B <sip:a@h>',
    'sip:a@h?x=y',
    '<sip:a@h>;;',
    '',
  ]) {
    t.equal(parseNameAddr(wrong), undefined, wrong)
  }
})

t.test(
  'display names without the quotes they need get them, others stay as they are',
  async (t) => {
    const utf8 = (text: string) => Buffer.from(text).toString('latin1')
    for (const [written, quoted] of [
      ['Müller & Söhne <sip:a@h>;tag=t', '"Müller & Söhne" <sip:a@h>;tag=t'],
      ['Voilà<sip:a@h>;tag=t', '"Voilà" <sip:a@h>;tag=t'],
      ['AT&T (Berlin) <sip:a@h>', '"AT&T (Berlin)" <sip:a@h>'],
      ['a;tag=no <sip:a@h>;tag=t', '"a;tag=no" <sip:a@h>;tag=t'],
      ['sip:a@h <sip:a@h>', '"sip:a@h" <sip:a@h>'],
      ['back\\ <sip:a@h>', '"back\\\\" <sip:a@h>'],
      ['<sip:b@h>;q=1, Ö <sip:a@h>;q=0.5', '<sip:b@h>;q=1, "Ö" <sip:a@h>;q=0.5'],
    ] as const) {
      const result = withQuotedDisplays(utf8(written))
      t.equal(result, utf8(quoted), written)
      const [last] = result.split(', ').slice(-1)
      t.match(parseNameAddr(last ?? ''), { uri: 'sip:a@h' }, 'and can be read')
      t.equal(withQuotedDisplays(result), result)
    }
    for (const kept of [
      '<sip:a@h>;tag=t',
      'sip:a@h;tag=t',
      'A  b.c <sip:a@h>',
      '"A, \\"B\\" <c>" <sip:a@h>',
      '<sip:a@h>,  Bob <sip:b@h>',
      '*',
      '',
    ])
      t.equal(withQuotedDisplays(kept), kept)
    for (const wrong of [
      'Müller, Hans <sip:a@h>',
      'Ö "Ä" <sip:a@h>',
      'Ö" <sip:a@h>',
      'Ö> <sip:a@h>',
      'Ö < <sip:a@h>',
      'Ö\u0007 <sip:a@h>',
      'Ö\u007f <sip:a@h>',
      '<sip:b@h> <sip:a@h>',
      'Ö <sip:a@h',
    ])
      t.equal(parseNameAddr(withQuotedDisplays(utf8(wrong))), undefined, JSON.stringify(wrong))
  },
)

t.test('a long display name costs no time', async (t) => {
  for (const piece of ['Ö', ' ', 'a ', 'Ö <', 'Ö <sip:a@h>,', '\\', '"', '"\\'] as const) {
    const ms = processorMs(() => void withQuotedDisplays(`${piece.repeat(20_000)} <sip:a@h>`))
    t.ok(ms < 300, JSON.stringify(piece), { ms })
  }
})

t.test('Via gets the true source, and a forged one is taken off', async (t) => {
  const value = viaWithSource(
    'SIP/2.0/UDP h:1;rport;branch=z9hG4bKa;received=9.9.9.9',
    '127.0.0.3',
    7000,
  )
  t.equal(value, 'SIP/2.0/UDP h:1;branch=z9hG4bKa;rport=7000;received=127.0.0.3')
  t.match(parseVia(value), { branch: 'z9hG4bKa', host: 'h', port: 1 })
  t.equal(parseVia('SIP/2.0/UDP h;branch=z9hG4bK')?.branch, '', 'nothing behind the cookie')
  t.equal(parseVia('SIP/3.0/UDP h'), undefined)
})
