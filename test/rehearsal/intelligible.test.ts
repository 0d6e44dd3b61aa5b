// Speech that lost packets on its way: understood, or not.
import t from 'tap'
import { understand } from '../../rehearsal/intelligible.ts'
import { soundBytes } from '../../simulators/carrier/index.ts'
import { levelDbm0 } from '../../simulators/speech/index.ts'

const said = soundBytes({ speech: 'caller-question' })
const silence = (ms: number): Buffer => Buffer.alloc(ms * 8, 0xff)
const FRAME = 160

/** Loses the frames that are chosen: something else, or silence, is in their place. */
function lose(chosen: (frame: number) => boolean, fill = 0x90): Buffer {
  const heard = Buffer.from(said)
  for (let frame = 0; (frame + 1) * FRAME <= said.length; frame += 1)
    if (chosen(frame)) heard.fill(fill, frame * FRAME, (frame + 1) * FRAME)
  return Buffer.concat([silence(1234), heard, silence(100)])
}

t.test('whole is wholly understood, wherever it stands', async (t) => {
  const understood = understand(Buffer.concat([silence(333), said]), said)!
  t.match(understood, { share: 1, longestLossMs: 0, stretchMs: 0 })
  t.ok(understood.longestSilenceMs < 3, 'zero crossings are no silence')
})

t.test('one frame in twenty lost is nineteen in twenty heard', async (t) => {
  const understood = understand(
    lose((frame) => frame % 20 === 7),
    said,
  )
  t.ok(understood!.share > 0.92 && understood!.share < 0.98, `${understood!.share}`)
  t.equal(understood!.longestLossMs, 20)
  t.ok(understood!.longestSilenceMs < 3)
})

t.test('a long loss is told, as noise or as silence', async (t) => {
  const loud = [...Array(Math.floor(said.length / FRAME)).keys()].findIndex((frame) =>
    [0, 1, 2, 3, 4, 5, 6, 7, 8, 9].every(
      (next) => levelDbm0(said.subarray((frame + next) * FRAME, (frame + next + 1) * FRAME)) > -35,
    ),
  )
  const isLost = (frame: number): boolean => frame >= loud && frame < loud + 10
  t.ok(understand(lose(isLost), said)!.longestLossMs >= 180)
  const silent = understand(lose(isLost, 0xff), said)!
  t.ok(silent.longestSilenceMs >= 180, `${silent.longestSilenceMs} ms of silence`)
})

t.test('what was put in between stretches it, up to what a jitter buffer does', async (t) => {
  const half = 50 * FRAME
  const stretched = Buffer.concat([said.subarray(0, half), silence(40), said.subarray(half)])
  t.match(understand(stretched, said), { stretchMs: 40 })
  const skipped = Buffer.concat([said.subarray(0, half), silence(300), said.subarray(half)])
  t.match(understand(skipped, said), { stretchMs: 300 })
  const torn = Buffer.concat([said.subarray(0, half), silence(900), said.subarray(half)])
  t.ok(understand(torn, said)!.longestLossMs > 200, 'too far away to be found')
})

t.test('other speech, noise and nothing are not it', async (t) => {
  for (const heard of [soundBytes({ speech: 'agent-reply' }), silence(3000), Buffer.alloc(0)])
    t.equal(understand(heard, said), undefined)
})
