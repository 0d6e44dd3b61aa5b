import t from 'tap'
import { readSessionBody, sdpIn } from '../../../gateway/sip/session-body.ts'

const SDP = 'v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\nm=audio 4000 RTP/AVP 0\r\n'
const ISUP = 'Content-Type: application/isup;version=itu-t92+\r\n'

function message(body: string, headers: Readonly<Record<string, string>>) {
  const lower = new Map(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]))
  return {
    body,
    get: (name: string) => lower.get(name.toLowerCase()) ?? '',
    has: (name: string) => lower.has(name.toLowerCase()),
  }
}

const read = (body: string, type: string, more: Readonly<Record<string, string>> = {}) =>
  readSessionBody(message(body, { ...(type === '' ? {} : { 'Content-Type': type }), ...more }))

const sdp = (text: string) => ({ kind: 'sdp', sdp: text })
const NONE = { kind: 'none' }
const WRONG_TYPE = { kind: 'not-understood', headers: { Accept: 'application/sdp' } }
const WRONG_ENCODING = { kind: 'not-understood', headers: { 'Accept-Encoding': 'identity' } }

/** Each part is its headers, each with its CRLF, and its content. */
const parts = (boundary: string, ...all: (readonly [headers: string, content: string])[]) =>
  `${all.map(([headers, content]) => `--${boundary}\r\n${headers}\r\n${content}\r\n`).join('')}--${boundary}--\r\n`

const MIXED = 'multipart/mixed;boundary=b1'
const SDP_PART = ['Content-Type: application/sdp\r\n', SDP] as const

t.test('a body of its own', async (t) => {
  t.same(read('', ''), NONE)
  t.same(read('', 'text/plain', { 'Content-Encoding': 'gzip' }), NONE)
  t.same(read(SDP, 'application/sdp'), sdp(SDP))
  t.same(read(SDP, ' Application/SDP ; charset=utf-8'), sdp(SDP))
  t.same(read(SDP, ''), sdp(SDP), 'without a type, which is not allowed but clear')
  t.same(read('hello', ''), WRONG_TYPE)
  t.same(read(SDP, 'text/plain'), WRONG_TYPE)
  t.same(read(SDP, 'application/sdpx'), WRONG_TYPE)
  t.same(read('ISUP', 'application/isup', { 'Content-Disposition': 'signal' }), WRONG_TYPE)
  const optional = { 'Content-Disposition': 'signal ; handling = "optional"' }
  t.same(read('ISUP', 'application/isup', optional), NONE, 'need not be understood')
  t.same(read(SDP, 'application/sdp', { 'Content-Disposition': 'early-session' }), WRONG_TYPE)
  t.same(read(SDP, 'application/sdp', { 'Content-Disposition': 'session' }), sdp(SDP))
})

t.test('an encoding', async (t) => {
  const encoded = (value: string) => read(SDP, 'application/sdp', { 'Content-Encoding': value })
  t.same(encoded('identity'), sdp(SDP))
  t.same(encoded('gzip'), WRONG_ENCODING)
  t.same(encoded('identity,gzip'), WRONG_ENCODING)
  t.same(
    read(SDP, 'application/sdp', { 'Content-Transfer-Encoding': 'base64' }),
    WRONG_ENCODING,
    'which SIP does not even have',
  )
  t.same(read(parts('b1', SDP_PART), MIXED, { 'Content-Encoding': 'gzip' }), WRONG_ENCODING)
})

t.test('one part of several', async (t) => {
  const optional = `${ISUP}Content-Disposition: signal;handling=optional\r\n`
  const required = `${ISUP}Content-Disposition: signal; handling=required\r\n`
  t.same(read(parts('b1', SDP_PART, [ISUP, '\u0001\u0002']), MIXED), sdp(SDP))
  t.same(read(parts('b1', [optional, '\u0001\r\n\r\n'], SDP_PART), MIXED), sdp(SDP))
  t.same(read(parts('b1', SDP_PART, [required, '\u0001']), MIXED), WRONG_TYPE)
  t.same(read(parts('b1', [optional, '\u0001']), MIXED), NONE, 'a delayed offer with ISUP')
  t.same(read(parts('b1', [ISUP, '\u0001']), MIXED), WRONG_TYPE)
  t.same(read(parts('b1', ['', SDP]), MIXED), sdp(SDP), 'no headers')
  t.same(read(parts('b1', ['', 'hello']), MIXED), WRONG_TYPE)
  t.same(read(`preamble\r\n${parts('b1', SDP_PART)}epilogue`, MIXED), sdp(SDP))
  t.same(read(parts('b1', SDP_PART).slice(0, -2), MIXED), sdp(SDP), 'no last line end')
  t.same(read(parts('b1', SDP_PART, SDP_PART), 'Multipart/Alternative; boundary=b1'), sdp(SDP))
  t.same(read(parts('b1', ...Array.from({ length: 8 }, () => SDP_PART)), MIXED), sdp(SDP))
  const early = 'Content-Type: application/sdp\r\nContent-Disposition: early-session\r\n'
  t.same(read(parts('b1', [early, 'v=1'], SDP_PART), MIXED), sdp(SDP), 'RFC 3959')
  const folded = 'CONTENT-TYPE:\r\n\tapplication/sdp\r\nContent-Encoding: identity\r\n'
  t.same(read(parts('b1', [folded, SDP]), MIXED), sdp(SDP))
  const zipped = 'Content-Type: application/sdp\r\nContent-Encoding: gzip\r\n'
  t.same(read(parts('b1', [zipped, SDP]), MIXED), WRONG_ENCODING)
})

t.test('the boundary, however it is written', async (t) => {
  for (const [boundary, written] of [
    ['b1', 'boundary="b1"'],
    ['b1', 'BOUNDARY = b1 '],
    ['b1', 'charset="a;boundary=x\\"";boundary=b1'],
    ['b1', 'lr;boundary=b1;x=y'],
    ['b (1);x', 'boundary="b (1);x"'],
    ['b"1', 'boundary="b\\"1"'],
    ['x'.repeat(70), `boundary=${'x'.repeat(70)}`],
    ['.*', 'boundary=.*'],
  ] as const)
    t.same(read(parts(boundary, SDP_PART), `multipart/mixed;${written}`), sdp(SDP), written)
  const padded = parts('b1', SDP_PART).replace('--b1\r\n', '--b1 \t\r\n')
  t.same(read(padded, MIXED), sdp(SDP))
  const longer = parts('b1', ['Content-Type: application/sdp\r\n', `${SDP}\r\n--b12\r\n--b1-`])
  t.same(read(longer, MIXED), sdp(`${SDP}\r\n--b12\r\n--b1-`), 'lines that only begin like it')
})

t.test('what is not well-formed, nested or too much is not understood', async (t) => {
  const whole = parts('b1', SDP_PART)
  for (const [what, body, type] of [
    ['no boundary', whole, 'multipart/mixed'],
    ['an empty one', parts('', SDP_PART), 'multipart/mixed;boundary='],
    ['one that is too long', parts('x'.repeat(71), SDP_PART), `${MIXED}${'x'.repeat(71)}`],
    ['another one', whole, 'multipart/mixed;boundary=b2'],
    ['a quote that is not closed', whole, 'multipart/mixed;boundary="b1'],
    ['never closed', whole.replace('--b1--', ''), MIXED],
    ['cut short', whole.slice(0, 30), MIXED],
    ['only the end', '--b1--', MIXED],
    ['only the beginning', '--b1', MIXED],
    ['no content', '--b1\r\nContent-Type: application/sdp\r\n--b1--', MIXED],
    ['bare line feeds', whole.replaceAll('\r\n', '\n'), MIXED],
    [
      'nested',
      parts('b1', ['Content-Type: multipart/mixed;boundary=b2\r\n', parts('b2', SDP_PART)]),
      MIXED,
    ],
    ['nine parts', parts('b1', ...Array.from({ length: 9 }, () => SDP_PART)), MIXED],
    ['33 kB', parts('b1', SDP_PART, [ISUP, 'x'.repeat(33_000)]), MIXED],
  ] as const)
    t.not(read(body, type).kind, 'sdp', what)
})

t.test('hostile bodies cost no more than honest ones', async (t) => {
  const size = 32_000
  const fill = (piece: string): string => piece.repeat(size / piece.length)
  const started = performance.now()
  for (const piece of [
    '\r\n--b1',
    '--b1\r\n',
    '--b1--',
    '\r\n',
    '\r\n ',
    ' ',
    ';',
    ':',
    '\r\n--b1 ',
    'Content-Type:',
  ])
    for (const body of [fill(piece), `--b1\r\n${fill(piece)}`, `--b1\r\n${fill(piece)}\r\n--b1--`])
      t.ok(read(body, MIXED))
  for (const piece of [';', '; ', ';a', ';a=', ';a="', '"', '\\', ' ', ';boundary', '="\\'])
    t.ok(read('--b1', `multipart/mixed${fill(piece)}`))
  t.ok(performance.now() - started < 1000, `${performance.now() - started} ms`)
})

t.test('in an answer what is not understood is no SDP', async (t) => {
  const answer = (type: string) => sdpIn(message(SDP, { 'Content-Type': type }))
  t.equal(answer('application/sdp'), SDP)
  t.equal(answer('text/plain'), '')
  t.equal(sdpIn(message(parts('b1', SDP_PART), { 'content-type': MIXED })), SDP)
  t.equal(sdpIn(message('', {})), '')
})
