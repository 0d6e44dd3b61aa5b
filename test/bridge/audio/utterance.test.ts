// What the caller heard of each utterance: told once, when it is over.
import t from 'tap'
import { stage } from './playout-stage.ts'

t.test('each utterance is told once it is over: another one began', async (t) => {
  const { say, pass, utterances } = stage()
  say(1, 100)
  say(1, 100)
  say(2, 60)
  pass(180)
  t.same(utterances, [], 'not yet')
  pass(20)
  t.same(utterances, [{ eventId: 1, heardMs: 200, spokenMs: 200, interrupted: false }])
  pass(60)
  say(3, 20)
  t.same(utterances.slice(1), [{ eventId: 2, heardMs: 60, spokenMs: 60, interrupted: false }])
})

t.test('… it was dry for a second', async (t) => {
  const { say, pass, utterances } = stage()
  say(7, 100)
  pass(1060)
  t.same(utterances, [])
  say(7, 40)
  pass(1020)
  t.same(utterances, [], 'it went on in time')
  pass(60)
  t.same(utterances, [{ eventId: 7, heardMs: 140, spokenMs: 140, interrupted: false }])
  pass(3000)
  t.equal(utterances.length, 1)
  say(7, 40)
  pass(1200)
  t.equal(utterances.length, 2, 'what comes later still is told by itself')
})

t.test('… it was interrupted, and what waited behind it was not heard at all', async (t) => {
  const { say, pass, utterances, interrupt } = stage()
  say(1, 500)
  say(2, 300)
  pass(100)
  t.equal(interrupt(), 692)
  t.same(utterances, [
    { eventId: 1, heardMs: 108, spokenMs: 500, interrupted: true },
    { eventId: 2, heardMs: 0, spokenMs: 300, interrupted: true },
  ])
  pass(2000)
  t.equal(utterances.length, 2)
})

t.test('… the session closed; what was heard to its end was not interrupted', async (t) => {
  const one = stage()
  one.say(1, 500)
  one.pass(100)
  one.close()
  one.close()
  t.same(one.utterances, [{ eventId: 1, heardMs: 100, spokenMs: 500, interrupted: true }])
  const two = stage()
  two.say(1, 100)
  two.pass(200)
  two.close()
  t.same(two.utterances, [{ eventId: 1, heardMs: 100, spokenMs: 100, interrupted: false }])
  const three = stage()
  three.say(1, 100)
  three.pass(200)
  three.interrupt()
  t.same(three.utterances, [{ eventId: 1, heardMs: 100, spokenMs: 100, interrupted: false }])
})

t.test('the words are those whose letters began in what was heard', async (t) => {
  const { say, pass, utterances, interrupt } = stage()
  say(1, 100, { chars: ['O', 'n', 'e', ' '], startMs: [0, 30, 60, 90] })
  say(1, 100, { chars: ['t', 'w', 'o'], startMs: [0, 40, 90] })
  pass(120)
  interrupt()
  t.equal(utterances[0]?.heardMs, 128)
  t.equal(utterances[0]?.text, 'One t')
  say(2, 100, { chars: ['a', 'b', 'c'], startMs: [0, 50, 400] })
  pass(1200)
  t.equal(utterances[1]?.text, 'abc', 'a letter said to begin after its audio ends with it')
  say(3, 100, { chars: ['x', 'y'], startMs: [50, 20] })
  pass(1200)
  t.equal(utterances[2]?.text, 'xy', 'times that fall are no reason to lose letters')
  say(4, 100)
  pass(1200)
  t.notOk('text' in utterances[3]!, 'no letters, no words')
  say(5, 100, { chars: ['n', 'e', 'v', 'e', 'r'], startMs: [0, 1, 2, 3, 4] })
  interrupt()
  t.match(utterances[4], { heardMs: 0, text: '', interrupted: true })
})

t.test('the letters of one utterance are bounded', async (t) => {
  const { say, pass, utterances } = stage()
  const chars = new Array<string>(1000).fill('é')
  for (let chunk = 0; chunk < 30; chunk += 1) say(1, 20, { chars, startMs: chars.map(() => 10) })
  pass(2000)
  t.equal(utterances[0]?.text?.length, 16_384)
})

t.test('what a held call did not let out was not heard', async (t) => {
  const { say, pass, utterances } = stage()
  say(1, 300, { chars: ['a', 'b', 'c'], startMs: [0, 150, 250] })
  pass(100)
  pass(100, false)
  pass(1200)
  t.same(utterances, [{ eventId: 1, heardMs: 200, spokenMs: 300, interrupted: false, text: 'ac' }])
})

t.test(
  'when it was heard: from its first frame to its last, whatever fades out behind',
  async (t) => {
    const { say, pass, spans, interrupt, time } = stage()
    say(1, 1000)
    say(2, 100)
    pass(100)
    time.ms += 3
    interrupt()
    t.same(spans, [{ startedAtMs: 1020, endedAtMs: 1120 }, null])
  },
)
