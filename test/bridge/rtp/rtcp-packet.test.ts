// RTCP packets: what is written is read again, by us and by tshark; what is broken is refused whole.
import t from 'tap'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  decodeRtcp,
  MAX_RTCP_BYTES,
  writeRtcp,
  type ReportBlock,
  type RtcpReport,
} from '../../../bridge/rtp/rtcp-packet.ts'
import { needs, startProgram, temporaryFolder } from '../../support/process.ts'
import { seededRandom } from './seeded-random.ts'

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex')

const SENDER = {
  ntpSeconds: 0xe0000001,
  ntpFraction: 0x80000000,
  rtpTimestamp: 0xfffffff0,
  packets: 1000,
  octets: 160_000,
}
const BLOCK: ReportBlock = {
  ssrc: 0xdeadbeef,
  fractionLost: 64,
  cumulativeLost: 250,
  highestSequence: 0x0001_0203,
  jitter: 80,
  lastReport: 0x0001_8000,
  delaySinceLastReport: 65_536,
}
const REPORT: RtcpReport = {
  ssrc: 0xcafebabe,
  cname: 'c2Vzc2lvbi1uYW1l',
  sender: SENDER,
  block: BLOCK,
  isBye: true,
}

function written(report: RtcpReport): Uint8Array {
  // Where there was something before: nothing of it may be left.
  const target = new Uint8Array(MAX_RTCP_BYTES + 7).fill(0xaa).subarray(7)
  return target.subarray(0, writeRtcp(target, report))
}

t.test('a sender report with all that can be said', async (t) => {
  const { ssrc } = REPORT
  t.same(decodeRtcp(written(REPORT)), [
    { kind: 'sender-report', ssrc, sender: SENDER, blocks: [BLOCK] },
    { kind: 'other', type: 202 },
    { kind: 'bye', ssrcs: [ssrc] },
  ])
  t.equal(
    Buffer.from(written(REPORT)).toString('hex'),
    hex(
      `81 c8 000c cafebabe e0000001 80000000 fffffff0 000003e8 00027100
      deadbeef 40 0000fa 00010203 00000050 00018000 00010000
      81 ca 0006 cafebabe 01 10 6332567a63326c76626931755957316c 0000
      81 cb 0001 cafebabe`.replaceAll(/\s/g, ''),
    ).toString('hex'),
  )
})

t.test('tshark reads what we write', needs('tshark', 'tshark'), async (t) => {
  const file = join(temporaryFolder(t, 'rtcp'), 'report.pcap')
  writeFileSync(file, captured(written(REPORT)))
  const fields = ['rtcp.pt', 'rtcp.ssrc.cum_nr', 'rtcp.sdes.text', 'rtcp.length_check']
  const tshark = startProgram(t, [
    'tshark',
    '-r',
    file,
    '-d',
    `udp.port==${RTCP_PORT},rtcp`,
    '-T',
    'fields',
    ...fields.flatMap((field) => ['-e', field]),
  ])
  t.match(await tshark.ended, { code: 0 }, tshark.stderr)
  const [types, lost, name, adds] = tshark.stdout.trim().split('\t')
  t.same([types, lost, name], ['200,202,203', '250', REPORT.cname])
  t.match(adds, /^(1|True)$/, 'and its lengths add up')
})

t.test('a receiver report, and one of nothing', async (t) => {
  const { ssrc } = REPORT
  t.match(decodeRtcp(written({ ...REPORT, sender: null, isBye: false })), [
    { kind: 'receiver-report', ssrc, blocks: [BLOCK] },
    { kind: 'other' },
  ])
  t.match(decodeRtcp(written({ ...REPORT, sender: null, block: null })), [
    { kind: 'receiver-report', blocks: [] },
    { kind: 'other' },
    { kind: 'bye' },
  ])
})

t.test('every length of name fills whole words', async (t) => {
  for (let length = 0; length <= 40; length += 1) {
    const packet = written({ ...REPORT, cname: 'x'.repeat(length) })
    t.equal(packet.length % 4, 0)
    t.equal(decodeRtcp(packet)?.length, 3, `name of ${length}`)
  }
})

t.test('what others may send', async (t) => {
  const block = 'deadbeef 40 fffffe 00010203 00000050 00018000 00010000'
  const table: [string, string, object[]][] = [
    ['negative loss', `81c90007 00000001 ${block}`, [{ blocks: [{ cumulativeLost: -2 }] }]],
    ['two blocks', `82c9000d 00000001 ${block} ${block}`, [{ blocks: [{}, {}] }]],
    ['an extension', `81c90008 00000001 ${block} 01020304`, [{ blocks: [{}] }]],
    ['padding', 'a0c90002 00000001 00000004', [{ kind: 'receiver-report', blocks: [] }]],
    ['BYE with a reason', '81cb0002 00000001 03627965', [{ kind: 'bye', ssrcs: [1] }]],
    [
      'feedback',
      '80c90001 00000001 81ce0002 00000001 00000002',
      [{}, { kind: 'other', type: 206 }],
    ],
  ]
  for (const [name, bytes, expected] of table) t.match(decodeRtcp(hex(bytes)), expected, name)
})

t.test('what is broken is refused whole', async (t) => {
  const table: [string, string][] = [
    ['nothing', ''],
    ['three bytes', '80c900'],
    ['version 1', '40c90001 00000001'],
    ['RTP', '80000001 00000001 00000001'],
    ['too long', '80c90002 00000001'],
    ['a block too many', '82c90007 00000001 deadbeef 40000000 00010203 00000050 00018000 00010000'],
    ['no sender info', '80c80001 00000001'],
    ['a receiver report without its SSRC', '80c90000'],
    ['a BYE of more than it has', '82cb0001 00000001'],
    ['rubbish behind', '80c90001 00000001 ff'],
    ['padding in the middle', 'a0c90002 00000001 00000004 80c90001 00000001'],
    ['padding of nothing', 'a0c90002 00000001 00000000'],
    ['padding of half a word', 'a0c90002 00000001 00000003'],
    ['padding that eats the SSRC', 'a0c90002 00000001 00000008'],
    ['padding beyond all', 'a0c90002 00000001 000000fc'],
  ]
  for (const [name, bytes] of table) t.equal(decodeRtcp(hex(bytes)), null, name)
})

t.test('no mutation throws', async (t) => {
  const random = seededRandom(9)
  const good = Buffer.concat([written(REPORT), written({ ...REPORT, sender: null })])
  let accepted = 0
  for (let round = 0; round < 50_000; round += 1) {
    const mutant = Buffer.from(good.subarray(0, Math.floor(random() * (good.length / 4 + 1)) * 4))
    for (let flips = Math.floor(random() * 4); flips > 0 && mutant.length > 0; flips -= 1)
      mutant[Math.floor(random() * mutant.length)] = Math.floor(random() * 256)
    const packets = decodeRtcp(mutant)
    if (packets !== null) accepted += 1
    if ((packets?.length ?? 0) > mutant.length / 4) throw new Error('more packets than words')
  }
  t.ok(accepted > 1000, 'some mutants are good', { accepted })
})

const RTCP_PORT = 4001

/** A capture file of one UDP datagram (pcap, raw IPv4). */
function captured(payload: Uint8Array): Buffer {
  const udp = Buffer.alloc(8)
  udp.writeUInt16BE(RTCP_PORT + 16_000, 0)
  udp.writeUInt16BE(RTCP_PORT, 2)
  udp.writeUInt16BE(udp.length + payload.length, 4)
  const ip = Buffer.alloc(20)
  ip.set([0x45, 0, 0, ip.length + udp.length + payload.length, 0, 0, 0, 0, 64, 17])
  ip.set([127, 0, 0, 1, 127, 0, 0, 1], 12)
  const file = Buffer.alloc(24 + 16)
  file.writeUInt32LE(0xa1b2c3d4, 0)
  file.writeUInt16LE(2, 4)
  file.writeUInt16LE(4, 6)
  file.writeUInt32LE(65_535, 16)
  file.writeUInt32LE(101, 20)
  const packet = Buffer.concat([ip, udp, payload])
  file.writeUInt32LE(packet.length, 32)
  file.writeUInt32LE(packet.length, 36)
  return Buffer.concat([file, packet])
}
