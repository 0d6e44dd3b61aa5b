// The capture of a call's signalling, as tshark reads it: the flow of SIP, checksums and all.
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { epochMs, type SipMessage } from '#core/contracts'
import { renderPcap } from '../../../control-api/calls/debug/pcap.ts'
import { freshDataDir } from '../../support/build-app.ts'
import { needs, startProgram } from '../../support/process.ts'

const AT = Date.UTC(2026, 10, 21, 6, 30, 0, 123)

const message = (
  startLine: string,
  method: string,
  more: Partial<SipMessage> = {},
  body = '',
): SipMessage => ({
  at: epochMs(AT),
  direction: 'received',
  protocol: 'udp',
  local: '192.0.2.1:5060',
  remote: '198.51.100.7:49152',
  text: [
    startLine,
    'Via: SIP/2.0/UDP 198.51.100.7:49152;branch=z9hG4bK-1',
    'From: <sip:+4930555200@198.51.100.7>;tag=a',
    'To: <sip:+4930555100@192.0.2.1>',
    'Call-ID: one@wire',
    `CSeq: 1 ${method}`,
    `Content-Length: ${Buffer.byteLength(body)}`,
    '',
    body,
  ].join('\r\n'),
  ...more,
})

const INVITE = 'INVITE sip:+4930555100@192.0.2.1 SIP/2.0'

/** One row a packet, by tshark, which is told to check every checksum. */
async function dissect(
  t: Test,
  messages: readonly SipMessage[],
  fields: readonly string[],
): Promise<string[][]> {
  const file = join(await freshDataDir(t), 'call.pcap')
  await writeFile(file, renderPcap(messages))
  const checks = ['ip', 'udp'].flatMap((one) => ['-o', `${one}.check_checksum:TRUE`])
  const shown = fields.flatMap((field) => ['-e', field])
  const command = ['tshark', '-r', file, '-n', ...checks, '-T', 'fields', ...shown] as const
  const tshark = startProgram(t, [...command])
  t.match(await tshark.ended, { code: 0 }, tshark.stderr)
  return tshark.stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => line.split('\t'))
}

/** 1: good, by Wireshark's words. */
const GOOD = '1'
/** What tshark has to complain of, of any protocol. */
const COMPLAINTS = ['_ws.malformed', '_ws.expert.severity']

t.test('the flow of a call', needs('tshark', 'tshark'), async (t) => {
  const rows = await dissect(
    t,
    [
      message(INVITE, 'INVITE', { at: epochMs(AT + 0.25) }, 'v=0\r\no=- 1 1 IN IP4 192.0.2.9\r\n'),
      message('SIP/2.0 180 Ringing', 'INVITE', { direction: 'sent', at: epochMs(AT + 1500) }),
      message('SIP/2.0 200 OK', 'INVITE', { direction: 'sent', at: epochMs(AT + 61_000) }),
      message('BYE sip:a@192.0.2.1 SIP/2.0', 'BYE', { protocol: 'tls', local: '192.0.2.1:5061' }),
    ],
    [
      'frame.time_epoch',
      'ip.src',
      'udp.srcport',
      'ip.dst',
      'udp.dstport',
      'ip.checksum.status',
      'udp.checksum.status',
      'sip.Method',
      'sip.Status-Code',
      'sip.Call-ID',
      ...COMPLAINTS,
    ],
  )
  const [us, them] = [
    ['192.0.2.1', '5060'],
    ['198.51.100.7', '49152'],
  ]
  const good = [GOOD, GOOD]
  t.same(
    rows.map((row) => row.slice(1)),
    [
      [...them, ...us, ...good, 'INVITE', '', 'one@wire', '', rows[0]?.at(-1)],
      [...us, ...them, ...good, '', '180', 'one@wire', '', rows[1]?.at(-1)],
      [...us, ...them, ...good, '', '200', 'one@wire', '', rows[2]?.at(-1)],
      [...them, '192.0.2.1', '5061', ...good, 'BYE', '', 'one@wire', '', rows[3]?.at(-1)],
    ],
  )
  t.same(
    rows.map(([time]) => Math.round((Number(time) - AT / 1000) * 1e6)),
    [250, 1_500_000, 61_000_000, 0],
    'to the microsecond',
  )
})

t.test(
  'IPv6, both families at once, odd lengths, big ones',
  needs('tshark', 'tshark'),
  async (t) => {
    const body = (length: number) => 'x'.repeat(length)
    const messages = [
      message(INVITE, 'INVITE', { local: '[2001:db8::1]:5060', remote: '[2001:db8::2]:6000' }),
      message(INVITE, 'INVITE', { local: '[fe80::1%eth0]:5060', remote: '[fe80::2]:6001' }, 'x'),
      message(INVITE, 'INVITE', { local: '[::]:5060', remote: '192.0.2.7:6002' }, 'xy'),
      message(INVITE, 'INVITE', { local: '[::ffff:192.0.2.1]:5060', remote: '192.0.2.7:6003' }),
      message(INVITE, 'INVITE', {}, body(60_000)),
      message(INVITE, 'INVITE', { protocol: 'tcp' }, body(90_000)),
      message(INVITE, 'INVITE', { local: 'nonsense', remote: 'host.example:99999' }),
    ]
    const fields = ['ipv6.src', 'ip.src', 'udp.checksum.status', 'udp.length', 'sip.Method']
    const rows = await dissect(t, messages, fields)
    t.same(
      rows.map(([v6, v4]) => [v6, v4]),
      [
        ['2001:db8::2', ''],
        ['fe80::2', ''],
        ['::ffff:192.0.2.7', ''],
        ['', '192.0.2.7'],
        ['', '198.51.100.7'],
        ['', '198.51.100.7'],
        ['', '0.0.0.0'],
      ],
    )
    t.ok(rows.every(([, , checksum]) => checksum === GOOD))
    t.ok(rows.every(([, , , , method]) => method === 'INVITE'))
    t.equal(rows[5]?.[3], '65515', 'cut where IP has no room for more')
  },
)

t.test('no message, and a byte that is none of UTF-8', needs('tshark', 'tshark'), async (t) => {
  t.equal(renderPcap([]).length, 24)
  t.same(await dissect(t, [], ['sip.Method']), [])
  const rows = await dissect(
    t,
    [message(INVITE, 'INVITE', { text: 'Жук \u0000 \u00ff' })],
    ['udp.length'],
  )
  t.same(rows, [['19']])
})
