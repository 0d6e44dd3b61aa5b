// 32 kB of the worst a datagram can hold: no parser may need more than linear time for it.
import t from 'tap'
import { contactUri, natPeerOfRequest } from '../../../../gateway/embedded/dialog/route-set.ts'
import { parseNameAddrList } from '../../../../gateway/embedded/message/name-addr.ts'
import { parseMessage } from '../../../../gateway/embedded/message/parse-message.ts'
import { SipHeaders } from '../../../../gateway/embedded/message/sip-headers.ts'
import { hasToken, parseCSeq } from '../../../../gateway/embedded/message/sip-message.ts'
import { parseUri } from '../../../../gateway/embedded/message/uri.ts'
import { validateRequest } from '../../../../gateway/embedded/message/validate-request.ts'
import { validateResponse } from '../../../../gateway/embedded/message/validate-response.ts'
import { parseVia, viaWithSource } from '../../../../gateway/embedded/message/via.ts'
import { plainResponse } from '../../../../gateway/embedded/transaction/build-response.ts'
import { processorMs } from '../../../support/processor-time.ts'

const SIZE = 32_000
/** Quadratic ones needed 400 ms and more; linear ones need about one. */
const MAX_MS = 50

const RUNS = [
  ...[' ', '\t', ',', ';', '"', '<', '>', '[', ']', ':', '=', '/', '\\', '@', '?', '*', '\n'],
  ...['a', '0', '.', '-', '\xa0', '\\"', '""', '<>', '; ', ' ;', ', ', ';a', ';=', ',"', '<,'],
  ...['a ', ' a', ';tag', '; tag ', ';rport', ' ; received ', '\r\n ', '\r\n\t ', '\r\n a', 'a:'],
].map((unit) => unit.repeat(Math.ceil(SIZE / unit.length)))

/** Each run stands where a pattern might try again and again: in front, in the middle, at the end. */
const around = (run: string, value: string): string[] => [
  run,
  `${value}${run}`,
  `${run}${value}`,
  `${value}${run}\x01`,
  `${value}${run}\n`,
  `${value.slice(0, value.length >> 1)}${run}${value.slice(value.length >> 1)}`,
]

const HEADERS: Readonly<Record<string, string>> = {
  Via: 'SIP/2.0/UDP h.example.com:5060;rport;branch=z9hG4bKx',
  From: '"A B" <sip:a@h>;tag=1',
  To: 'sip:b@h;tag=2',
  'Call-ID': 'x@h',
  CSeq: '1 INVITE',
  Contact: '<sip:a@h:5060>',
  'Record-Route': '<sip:h;lr>',
  Require: 'x',
  'Max-Forwards': '70',
  Date: 'Sat, 01 Jan 2000 00:00:00 GMT',
  'Content-Length': '0',
  'X-Any': 'a b',
  'X-Folded': 'a\r\n b',
}

function judge(text: string): void {
  const message = parseMessage(Buffer.from(text, 'latin1'), { trustContentLength: true })
  if (message.kind === 'not-sip') return
  const { headers } = message
  const via = headers.get('Via')
  if (via !== undefined) headers.set('Via', viaWithSource(via, '127.0.0.1', 5060))
  if (message.kind === 'response') validateResponse(message)
  else {
    validateRequest(message)
    plainResponse(message, { status: 400 })
    natPeerOfRequest(headers, { address: '127.0.0.1', port: 5060 })
  }
  headers.remove('Contact')
}

/** The quicker of two runs: what is collected meanwhile may not be of this one. */
function msOf(run: () => void): number {
  const first = processorMs(run)
  return first < MAX_MS ? first : Math.min(first, processorMs(run))
}

const shown = (text: string): string => JSON.stringify(text.slice(0, 12))

t.test('each parser alone', async (t) => {
  const parsers: Readonly<Record<string, readonly [string, (text: string) => unknown]>> = {
    parseVia: [HEADERS['Via'] ?? '', parseVia],
    viaWithSource: [HEADERS['Via'] ?? '', (text) => viaWithSource(text, '127.0.0.1', 5060)],
    parseNameAddrList: [HEADERS['From'] ?? '', parseNameAddrList],
    contactUri: ['sip:a@h', (text) => contactUri(new SipHeaders().append('Contact', text))],
    parseUri: ['sip:a@h.example.com:5060;lr?x=y', parseUri],
    parseCSeq: ['1 INVITE', parseCSeq],
    hasToken: ['x', (text) => hasToken(new SipHeaders().append('Require', text), 'Require', 'y')],
  }
  for (const [name, [value, parse]] of Object.entries(parsers)) {
    let worst = { ms: 0, text: '' }
    for (const run of RUNS) {
      for (const text of around(run, value)) {
        const ms = msOf(() => parse(text))
        if (ms > worst.ms) worst = { ms, text: shown(run) }
      }
    }
    t.ok(worst.ms < MAX_MS, `${name}: ${worst.ms.toFixed(1)} ms at most`, worst)
  }
})

t.test('whole messages', async (t) => {
  for (const name of ['start line', 'status line', 'header name', ...Object.keys(HEADERS)]) {
    let worst = { ms: 0, text: '' }
    for (const run of RUNS) {
      const starts = name === 'start line' ? around(run, 'INVITE sip:a@h SIP/2.0') : []
      const statuses = name === 'status line' ? around(run, 'SIP/2.0 200 OK') : []
      const values = around(run, HEADERS[name] ?? 'X-Name: a')
      const head = (own: string): string =>
        Object.entries(HEADERS)
          .map(([other, value]) => `${other}: ${other === name ? own : value}\r\n`)
          .join('')
      const texts = [
        ...[...starts, ...statuses].map((line) => `${line}\r\n${head('')}\r\n`),
        ...values.map((own) =>
          name === 'header name'
            ? `INVITE sip:a@h SIP/2.0\r\n${own}\r\n${head('')}\r\n`
            : `INVITE sip:a@h SIP/2.0\r\n${head(own)}\r\n`,
        ),
      ]
      for (const text of texts) {
        const ms = msOf(() => judge(text))
        if (ms > worst.ms) worst = { ms, text: shown(run) }
      }
    }
    t.ok(worst.ms < MAX_MS, `${name}: ${worst.ms.toFixed(1)} ms at most`, worst)
  }
})

t.test('a header folded many times is put together', async (t) => {
  const folded = `OPTIONS sip:a@b SIP/2.0\r\nSubject: a \t\r\n  b\r\n\tc\r\n \r\n d\r\nTo: x${'\r\n y'.repeat(9_000)}\r\n\r\n`
  const message = parseMessage(Buffer.from(folded), { trustContentLength: true })
  t.equal(message.kind, 'request')
  if (message.kind !== 'request') return
  t.equal(message.headers.get('Subject'), 'a b c  d')
  t.equal(message.headers.get('To')?.length, 1 + 2 * 9_000)
})

t.test('blanks are trimmed, the last byte of a UTF-8 character is not', async (t) => {
  const bytes = Buffer.from('OPTIONS sip:a@b SIP/2.0\r\nSubject: \t voilà \t\r\n\r\n')
  const message = parseMessage(bytes, { trustContentLength: true })
  const subject = message.kind === 'request' ? message.headers.get('Subject') : undefined
  t.equal(Buffer.from(subject ?? '', 'latin1').toString(), 'voilà')
})
