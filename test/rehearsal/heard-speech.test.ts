// A recording is whole, whole with pauses, or not whole.
import t from 'tap'
import { findSpeech } from '../../rehearsal/heard-speech.ts'
import { soundBytes } from '../../simulators/carrier/index.ts'

const said = soundBytes({ speech: 'caller-question' })
const silence = (ms: number): Buffer => Buffer.alloc(ms * 8, 0xff)
const split = 100 * 160

t.test('in one piece, wherever it stands', async (t) => {
  t.strictSame(findSpeech(said, said), [])
  t.strictSame(findSpeech(Buffer.concat([silence(123), said, silence(40)]), said), [])
})

t.test('with silence put between two frames', async (t) => {
  const heard = Buffer.concat([said.subarray(0, split), silence(35), said.subarray(split)])
  t.match(findSpeech(heard, said), [{ ms: 35, isFilled: false }])
})

t.test('with sound made up in between, and blended into what follows', async (t) => {
  const madeUp = Buffer.alloc(320, 0x20)
  const parts = [said.subarray(0, split), madeUp, said.subarray(split)]
  const filled = { ms: 40, isFilled: true }
  t.match(findSpeech(Buffer.concat(parts), said), [filled])
  const blended = Buffer.concat(parts)
  blended.fill(0x21, split + 320, split + 340)
  t.match(findSpeech(blended, said), [filled])
})

t.test(
  'not whole: a frame lost, a bit turned, cut off, too much put in, nothing heard',
  async (t) => {
    const lost = Buffer.concat([said.subarray(0, split), said.subarray(split + 160)])
    const turned = Buffer.from(said)
    turned.writeUInt8(turned.readUInt8(split) ^ 1, split)
    const noise = Buffer.concat([
      said.subarray(0, split),
      Buffer.alloc(9000, 0x20),
      said.subarray(split),
    ])
    for (const heard of [lost, turned, said.subarray(0, split), noise, Buffer.alloc(0)])
      t.equal(findSpeech(heard, said), undefined)
  },
)
