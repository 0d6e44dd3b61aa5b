// Keys sent as RFC 4733 has it are heard by our own receiver: every key once, whatever is lost or repeated.
import t from 'tap'
import { DTMF_DIGITS } from '../../../core/contracts/index.ts'
import { DtmfReceiver } from '../../../bridge/rtp/dtmf-receiver.ts'
import { DtmfSender } from '../../../bridge/rtp/dtmf-sender.ts'
import { Packetizer } from '../../../bridge/rtp/packetizer.ts'
import { decodeRtp } from '../../support/decode-rtp.ts'
import { seededRandom } from './seeded-random.ts'

/** Presses the keys and listens, with this share of the packets lost and another repeated. */
function press(digits: string, lost: number, seed: number) {
  const random = seededRandom(seed)
  const sender = new DtmfSender(new Packetizer())
  const heard: { digit: string; durationMs: number }[] = []
  const receiver = new DtmfReceiver((digit, durationMs) => heard.push({ digit, durationMs }))
  const accepted = sender.press(digits)
  let tickMs = 0
  for (; sender.takesFrame(tickMs); tickMs += 20) {
    const packet = sender.next(tickMs, 101)
    if (packet === null || random() < lost) continue
    const decoded = decodeRtp(packet)
    if (decoded.kind === 'invalid') throw new Error(decoded.fault)
    const times = random() < lost ? 2 : 1
    for (let time = 0; time < times; time += 1)
      receiver.receive(decoded.payload, decoded.timestamp, tickMs)
  }
  receiver.tick(tickMs + 1000)
  return { accepted, heard, tookMs: tickMs }
}

t.test('all sixteen keys, each for as long as it was pressed', async (t) => {
  const { accepted, heard, tookMs } = press(DTMF_DIGITS, 0, 1)
  t.ok(accepted)
  t.same(
    heard,
    Array.from(DTMF_DIGITS, (digit) => ({ digit, durationMs: 120 })),
  )
  t.equal(tookMs, 16 * 200)
})

t.test('the same key twice is two keys', async (t) => {
  t.same(
    press('1100', 0, 1).heard.map(({ digit }) => digit),
    ['1', '1', '0', '0'],
  )
})

t.test(
  'with a tenth of the packets lost and a tenth repeated each key is heard once',
  async (t) => {
    for (let seed = 1; seed <= 50; seed += 1) {
      const { heard } = press('4242#', 0.1, seed)
      t.equal(heard.map(({ digit }) => digit).join(''), '4242#', `seed ${seed}`)
    }
  },
)

t.test('what is no key is passed over; only that is refused', async (t) => {
  t.same(
    press('+1 (2)-c', 0, 1).heard.map(({ digit }) => digit),
    ['1', '2', 'C'],
  )
  t.notOk(press('+-', 0, 1).accepted)
  t.notOk(press('', 0, 1).accepted)
  t.notOk(press('1'.repeat(65), 0, 1).accepted)
})
