// RTP packets: each good one beside its broken twin, and a seeded storm of mutations.
import t from 'tap'
import { emptyRtpView, isRtcp, readRtp, writeRtpHeader } from '../../../bridge/rtp/rtp-packet.ts'
import { decodeRtp } from '../../support/decode-rtp.ts'
import { seededRandom } from './seeded-random.ts'

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex')
const HEADER = '80 00 1234 00000140 cafebabe'

t.test('good packets', async (t) => {
  const table: [string, string, object][] = [
    ['plain', `${HEADER} 0102`, { marker: false, payloadType: 0, sequence: 0x1234 }],
    ['no payload', HEADER, { payload: hex('') }],
    ['marker', '80 80 1234 00000140 cafebabe 0102', { marker: true, payloadType: 0 }],
    ['payload type 101', '80 65 1234 00000140 cafebabe 0102', { payloadType: 101 }],
    [
      'highest numbers',
      '80 00 ffff ffffffff ffffffff 01',
      { timestamp: 0xffffffff, ssrc: 0xffffffff },
    ],
    ['two CSRC', '82 00 1234 00000140 cafebabe 11111111 22222222 0102', {}],
    ['extension of one word', '90 00 1234 00000140 cafebabe bede0001 deadbeef 0102', {}],
    ['empty extension', '90 00 1234 00000140 cafebabe bede0000 0102', {}],
    ['padding of four', 'a0 00 1234 00000140 cafebabe 0102 00000004', {}],
    ['nothing but padding', 'a0 00 1234 00000140 cafebabe 00000004', { payload: hex('') }],
    ['all of it', 'b1 00 1234 00000140 cafebabe 11111111 bede0001 deadbeef 0102 0002', {}],
  ]
  for (const [name, bytes, expected] of table) {
    const packet = decodeRtp(hex(bytes))
    t.match(packet, { kind: 'rtp', ...expected }, name)
    if (!('payload' in expected) && packet.kind === 'rtp' && packet.payload.length > 1)
      t.same([...packet.payload], [1, 2], `${name}: payload`)
  }
})

t.test('their broken twins', async (t) => {
  const table: [string, string, string][] = [
    ['nothing', '', 'too-short'],
    ['eleven bytes', '80 00 1234 00000140 cafeba', 'too-short'],
    ['version 1', '40 00 1234 00000140 cafebabe 0102', 'not-version-2'],
    ['version 3', 'c0 00 1234 00000140 cafebabe 0102', 'not-version-2'],
    ['STUN', '00 01 0000 2112a442 00000000 00000000', 'not-version-2'],
    ['sender report', '80 c8 0006 cafebabe 00000000 00000000', 'rtcp'],
    ['receiver report', '81 c9 0007 cafebabe 00000000 00000000', 'rtcp'],
    ['a BYE, shorter than any RTP', '81 cb 0001 cafebabe', 'rtcp'],
    ['CSRC missing', '82 00 1234 00000140 cafebabe 11111111 2222', 'too-short'],
    ['extension cut off', '90 00 1234 00000140 cafebabe bede', 'bad-extension'],
    ['extension too long', '90 00 1234 00000140 cafebabe bede0002 deadbeef', 'bad-extension'],
    ['extension of 64 Ki words', '90 00 1234 00000140 cafebabe bedeffff deadbeef', 'bad-extension'],
    ['padding of zero', 'a0 00 1234 00000140 cafebabe 0102 00000000', 'bad-padding'],
    ['padding beyond the payload', 'a0 00 1234 00000140 cafebabe 0102 00000007', 'bad-padding'],
    ['padding of nothing', 'a0 00 1234 00000140 cafebabe', 'bad-padding'],
  ]
  for (const [name, bytes, fault] of table)
    t.same(decodeRtp(hex(bytes)), { kind: 'invalid', fault }, name)
})

t.test('what is written is read again', async (t) => {
  const random = seededRandom(1)
  for (let round = 0; round < 2000; round += 1) {
    const header = {
      marker: random() < 0.5,
      payloadType: Math.floor(random() * 64),
      sequence: Math.floor(random() * 0x10000),
      timestamp: Math.floor(random() * 0x100000000),
      ssrc: Math.floor(random() * 0x100000000),
    }
    const datagram = Buffer.alloc(12 + 160, 7)
    writeRtpHeader(datagram, header)
    const packet = decodeRtp(datagram)
    if (packet.kind === 'invalid') throw new Error(packet.fault)
    const { payload, ...read } = packet
    t.same(read, { kind: 'rtp', ...header })
    t.equal(payload.length, 160)
    t.equal(payload.buffer, datagram.buffer, 'a view, not a copy')
  }
})

t.test('one view serves all packets', async (t) => {
  const view = emptyRtpView()
  t.equal(readRtp(hex('82 80 1234 00000140 cafebabe 11111111 22222222 0102'), view), null)
  t.match(view, { marker: true, payloadStart: 20, payloadEnd: 22 })
  t.equal(readRtp(hex(HEADER), view), null)
  t.match(view, { marker: false, payloadStart: 12, payloadEnd: 12 })
  t.equal(readRtp(hex('80'), view), 'too-short')
})

t.test('RTCP is told from RTP by its packet type', async (t) => {
  for (const type of [200, 201, 202, 203, 204, 205, 206, 207])
    t.ok(isRtcp(Buffer.from([0x80, type, 0, 0])), `type ${type}`)
  for (const second of [0, 8, 13, 101, 128, 128 + 8, 128 + 13, 128 + 101])
    t.notOk(isRtcp(Buffer.from([0x80, second, 0, 0])), `RTP ${second}`)
  t.notOk(isRtcp(Buffer.alloc(0)))
})

t.test('no mutation throws, and no payload leaves its datagram', async (t) => {
  const random = seededRandom(2)
  const good = hex('b1 00 1234 00000140 cafebabe 11111111 bede0001 deadbeef 0102030405060708 0002')
  let accepted = 0
  for (let round = 0; round < 100_000; round += 1) {
    const mutant = Buffer.from(good.subarray(0, Math.floor(random() * (good.length + 1))))
    for (let flips = Math.floor(random() * 4); flips > 0 && mutant.length > 0; flips -= 1)
      mutant[Math.floor(random() * mutant.length)] = Math.floor(random() * 256)
    const packet = decodeRtp(mutant)
    if (packet.kind === 'invalid') continue
    accepted += 1
    const start = packet.payload.byteOffset - mutant.byteOffset
    if (start < 12 || start + packet.payload.length > mutant.length)
      throw new Error(`payload outside the datagram ${mutant.toString('hex')}`)
  }
  t.ok(accepted > 1000, 'some mutants are good packets', { accepted })
})
