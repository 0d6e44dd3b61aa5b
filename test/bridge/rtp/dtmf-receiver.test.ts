// Keys in RTP (RFC 4733): one report a press, whatever is lost, doubled or made up on the way.
import t from 'tap'
import { DtmfReceiver } from '../../../bridge/rtp/dtmf-receiver.ts'
import { seededRandom } from './seeded-random.ts'

const event = (code: number, duration: number, end = false, volume = 10): Buffer =>
  Buffer.from([code, (end ? 0x80 : 0) | volume, duration >> 8, duration & 0xff])

function stage() {
  const pressed: [string, number][] = []
  const dtmf = new DtmfReceiver((digit, durationMs) => pressed.push([digit, durationMs]))
  /** A key of `ms`, told each 20 ms, its end three times. `keeps` says which packets arrive. */
  const press = (
    code: number,
    at: { timestamp: number; ms: number; nowMs?: number },
    keeps: (index: number, end: boolean) => boolean = () => true,
  ) => {
    const { timestamp, ms, nowMs = 0 } = at
    let index = 0
    for (let told = 20; told < ms; told += 20, index += 1)
      if (keeps(index, false)) dtmf.receive(event(code, told * 8), timestamp, nowMs + told)
    for (let again = 0; again < 3; again += 1)
      if (keeps(again, true)) dtmf.receive(event(code, ms * 8, true), timestamp, nowMs + ms)
  }
  return { dtmf, pressed, press }
}

t.test('each of the sixteen keys, told once when it is up', async (t) => {
  const { pressed, press } = stage()
  for (let code = 0; code < 16; code += 1)
    press(code, { timestamp: code * 4000, ms: 100, nowMs: code * 500 })
  t.equal(pressed.map(([digit]) => digit).join(''), '0123456789*#ABCD')
  t.ok(pressed.every(([, durationMs]) => durationMs === 100))
})

t.test('what may be lost', async (t) => {
  for (const [name, keeps] of [
    ['the start', (index: number, end: boolean) => end || index > 0],
    ['all but one end', (index: number, end: boolean) => end && index === 2],
    ['two of the ends', (index: number, end: boolean) => !end || index === 1],
    ['every other update', (index: number, end: boolean) => end || index % 2 === 0],
  ] as const) {
    const { pressed, press } = stage()
    press(5, { timestamp: 800, ms: 120 }, keeps)
    t.same(pressed, [['5', 120]], name)
  }
})

t.test('when every end is lost, time ends the key, or the next one does', async (t) => {
  const { dtmf, pressed, press } = stage()
  const noEnd = (_: number, end: boolean) => !end
  press(1, { timestamp: 0, ms: 100 }, noEnd)
  t.ok(dtmf.isPressed)
  dtmf.tick(479)
  t.same(pressed, [])
  dtmf.tick(480)
  t.same(pressed, [['1', 80]], 'as long as it was told')
  t.notOk(dtmf.isPressed)
  dtmf.receive(event(1, 900, true), 0, 600)
  t.equal(pressed.length, 1, 'a straggler')
  press(2, { timestamp: 8000, ms: 100, nowMs: 1000 }, noEnd)
  press(3, { timestamp: 9600, ms: 100, nowMs: 1200 })
  t.same(pressed.slice(1), [
    ['2', 80],
    ['3', 100],
  ])
})

t.test('a gateway whose timestamps run on within a key presses it once', async (t) => {
  const { dtmf, pressed } = stage()
  let timestamp = 0
  let nowMs = 0
  const tell = (payload: Buffer): void => {
    dtmf.receive(payload, timestamp, nowMs)
    timestamp += 160
    nowMs += 20
  }
  for (const code of [5, 5, 6]) {
    for (const ms of [20, 40, 60, 80, 100]) tell(event(code, ms * 8))
    for (let again = 0; again < 3; again += 1) tell(event(code, 120 * 8, true))
    timestamp += 640
    nowMs += 80
  }
  t.same(pressed, [
    ['5', 120],
    ['5', 120],
    ['6', 120],
  ])
})

t.test('two presses of which only the ends arrive are two', async (t) => {
  const { pressed, press } = stage()
  const onlyEnds = (_: number, end: boolean) => end
  press(5, { timestamp: 0, ms: 100, nowMs: 0 }, onlyEnds)
  press(5, { timestamp: 2400, ms: 100, nowMs: 300 }, onlyEnds)
  t.equal(pressed.length, 2)
})

t.test('the same key twice is two presses', async (t) => {
  const { pressed, press } = stage()
  press(7, { timestamp: 0, ms: 60 })
  press(7, { timestamp: 960, ms: 60, nowMs: 120 })
  t.same(pressed, [
    ['7', 60],
    ['7', 60],
  ])
})

t.test('packets out of order are of the key they belong to', async (t) => {
  const { dtmf, pressed } = stage()
  dtmf.receive(event(4, 320), 1000, 40)
  dtmf.receive(event(4, 160), 1000, 41)
  dtmf.receive(event(4, 480, true), 1000, 60)
  dtmf.receive(event(4, 320), 1000, 61)
  dtmf.receive(event(9, 160), 2000, 90)
  dtmf.receive(event(4, 480, true), 1000, 91)
  t.ok(dtmf.isPressed, 'a late end of the former key ends nothing')
  dtmf.receive(event(9, 640, true), 2000, 150)
  t.same(pressed, [
    ['4', 60],
    ['9', 80],
  ])
})

t.test('a key of ten seconds is one, in two segments', async (t) => {
  const { dtmf, pressed } = stage()
  const first = 0xffff_ff00
  let nowMs = 0
  for (let told = 400; told <= 0xffff; told += 400)
    dtmf.receive(event(8, told), first, (nowMs += 50))
  dtmf.receive(event(8, 0xffff), first, nowMs)
  const second = (first + 0xffff) >>> 0
  for (let told = 400; told < 80_000 - 0xffff; told += 400)
    dtmf.receive(event(8, told), second, (nowMs += 50))
  for (let again = 0; again < 3; again += 1)
    dtmf.receive(event(8, 80_000 - 0xffff, true), second, nowMs)
  t.same(pressed, [['8', 10_000]])
})

t.test('timestamps of another origin are new keys', async (t) => {
  const { dtmf, pressed, press } = stage()
  press(1, { timestamp: 0x8000_0000, ms: 60 })
  press(2, { timestamp: 5, ms: 60, nowMs: 500 })
  t.equal(pressed.length, 2, 'far back is no straggler')
  dtmf.restart()
  press(2, { timestamp: 5, ms: 60, nowMs: 900 })
  t.equal(pressed.length, 3, 'and another stream has its own')
})

t.test('what is no key', async (t) => {
  const { dtmf, pressed } = stage()
  t.notOk(dtmf.receive(Buffer.alloc(0), 0, 0))
  t.notOk(dtmf.receive(Buffer.from([1, 0x8a, 0]), 0, 0), 'cut off')
  t.notOk(dtmf.receive(event(16, 800, true), 0, 0), 'hook flash')
  t.notOk(dtmf.receive(event(255, 800, true), 0, 0))
  t.notOk(dtmf.receive(event(1, 800, true, 63), 0, 0), 'too quiet to be a tone')
  t.same(pressed, [])
})

t.test('a flood of keys is bounded, and ends', async (t) => {
  const { dtmf, pressed } = stage()
  let refused = 0
  for (let index = 0; index < 50_000; index += 1)
    if (!dtmf.receive(event(index % 16, 800, true), index * 1000, index / 50)) refused += 1
  // One second of it: a bucket of 32, and 16 a second.
  t.ok(pressed.length >= 32 && pressed.length <= 50, 'bounded', { pressed: pressed.length })
  t.ok(refused > 49_000)
  const before = pressed.length
  dtmf.receive(event(5, 800, true), 77, 60_000)
  t.equal(pressed.length, before + 1, 'afterwards keys are heard again')
})

t.test('random bytes never throw', async (t) => {
  const random = seededRandom(3)
  const { dtmf, pressed } = stage()
  for (let round = 0; round < 50_000; round += 1) {
    const bytes = Uint8Array.from({ length: Math.floor(random() * 8) }, () => random() * 256)
    dtmf.receive(bytes, Math.floor(random() * 2 ** 32), round)
    if (round % 20 === 0) dtmf.tick(round)
  }
  t.ok(pressed.every(([digit, ms]) => digit.length === 1 && ms >= 0 && ms < 60_000))
})
