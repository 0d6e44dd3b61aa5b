import t from 'tap'
import { epochMs, newCallId, type CallId } from '../../../core/contracts/index.ts'
import { createLogger } from '../../../core/telemetry/index.ts'
import { createClock } from '../../../core/time/index.ts'
import { AckWatch } from '../../../gateway/call/ack-watch.ts'

function stage() {
  let now = 1_000_000
  const lines: { level: string; msg: string }[] = []
  const logger = createLogger('debug', {
    write: (line: string) => lines.push(JSON.parse(line) as { level: string; msg: string }),
  })
  const { anchor } = createClock()
  const watch = new AckWatch({ clock: { anchor, now: () => epochMs(now) }, logger })
  const answered: CallId[] = []
  return {
    lines,
    watch,
    answered,
    pass: (milliseconds: number) => (now += milliseconds),
    /** Whether its agent has to wait. */
    answer: () => {
      const callId = newCallId()
      answered.push(callId)
      return watch.answered(callId)
    },
  }
}

t.test('callers who acknowledge never wait, however many they are', (t) => {
  const { watch, answer, answered, pass, lines } = stage()
  for (let index = 0; index < 500; index += 1) {
    t.notOk(answer())
    pass(20)
    // A round trip of 300 ms: fifteen are under way.
    const acknowledged = answered[index - 15]
    if (acknowledged) watch.acknowledged(acknowledged)
  }
  t.same(lines, [])
  t.end()
})

t.test('five that are late make the next ones wait; four do not', (t) => {
  const { answer, pass } = stage()
  for (let index = 0; index < 4; index += 1) t.notOk(answer())
  pass(1001)
  t.notOk(answer(), 'four late ones')
  t.notOk(answer(), 'the fifth is not late yet')
  pass(1001)
  t.ok(answer())
  t.end()
})

t.test('a flood is known by its twentieth call, before any is late', (t) => {
  const { answer } = stage()
  const waits = Array.from({ length: 100 }, answer)
  t.equal(waits.filter((wait) => !wait).length, 20)
  t.equal(waits.indexOf(true), 20)
  t.end()
})

t.test('the watch changes its mind once each way, and says so', (t) => {
  const { answer, answered, watch, pass, lines } = stage()
  for (let index = 0; index < 30; index += 1) answer()
  for (const callId of answered.slice(0, 25)) watch.acknowledged(callId)
  t.ok(answer(), 'five are left')
  watch.acknowledged(answered[25]!)
  watch.acknowledged(answered[26]!)
  t.notOk(answer(), 'four are')
  t.match(lines, [
    { level: 'warn', msg: 'callers do not acknowledge: agents now wait for the ACK' },
    { level: 'info', msg: 'callers acknowledge again: agents open at the answer' },
  ])
  t.equal(lines.length, 2)
  pass(31_999)
  for (let index = 0; index < 3; index += 1) answer()
  pass(1001)
  t.notOk(answer(), 'what is older than 64·T1 is forgotten')
  t.end()
})

t.test('a slow flood is found too', (t) => {
  const { answer, pass } = stage()
  let opened = 0
  for (let second = 0; second < 600; second += 2) {
    if (!answer()) opened += 1
    pass(2000)
  }
  t.ok(opened <= 6, `${opened} of 300 agents`)
  t.end()
})
