// What was played of a stream: by marks alone, and never more than they say.
import t from 'tap'
import type { PromptTold } from '../../../bridge/audio/queued-prompt.ts'
import { Utterance, type HeardSpan, type HeardUtterance } from '../../../bridge/audio/utterance.ts'
import { Playback } from '../../../bridge/twilio/playback.ts'

function stage() {
  const time = { ms: 0 }
  const marks: string[] = []
  const heard: HeardUtterance[] = []
  const spans: (HeardSpan | null)[] = []
  const prompts: PromptTold[] = []
  const playback = new Playback({ mark: (name) => marks.push(name) }, () => time.ms, {
    onUtterance: (told, span) => {
      heard.push(told)
      spans.push(span)
    },
    onPrompt: (told) => prompts.push(told),
  })
  /** An utterance of so many letters, one in each 20 ms. */
  const utterance = (letters: number): Utterance => {
    const spoken = new Utterance(7)
    const chars = Array.from('abcdefghijklmnopqrstuvwxyz'.slice(0, letters))
    spoken.add(letters * 160, letters * 160, { chars, startMs: chars.map((_, at) => at * 20) })
    return spoken
  }
  const send = (spoken: Utterance, frames: number): void => {
    for (let frame = 0; frame < frames; frame += 1) {
      spoken.play(160, true, time.ms)
      playback.sent(160)
      time.ms += 20
    }
  }
  const over = (spoken: Utterance, interrupted = false): void =>
    playback.onUtterance(spoken.told(interrupted), spoken.span, spoken)
  return { playback, time, marks, heard, spans, prompts, utterance, send, over }
}

t.test('a mark each 100 ms and one at the end; told when the last came back', async (t) => {
  const { playback, marks, heard, utterance, send, over } = stage()
  const spoken = utterance(12)
  send(spoken, 12)
  t.same(marks, ['v1', 'v2'])
  over(spoken)
  t.same(marks, ['v1', 'v2', 'v3'])
  playback.mark()
  t.equal(marks.length, 3, 'none where one is')
  playback.played('v2')
  t.same(heard, [])
  t.ok(playback.isPlaying)
  playback.played('v3')
  t.match(heard, [{ heardMs: 240, spokenMs: 240, interrupted: false, text: 'abcdefghijkl' }])
  t.notOk(playback.isPlaying)
})

t.test('what was sent after the last mark that came back was not heard', async (t) => {
  const { playback, heard, spans, utterance, send, over } = stage()
  const spoken = utterance(20)
  send(spoken, 12)
  playback.played('v1')
  t.equal(playback.thrownAway(), 140)
  over(spoken, true)
  t.match(heard, [{ heardMs: 100, spokenMs: 400, interrupted: true, text: 'abcde' }])
  t.same(spans, [{ startedAtMs: 0, endedAtMs: 100 }])
  playback.played('v2')
  t.equal(heard.length, 1, 'an echo after it says nothing')
})

t.test('an utterance that left whole and was not heard whole was interrupted', async (t) => {
  const { playback, heard, spans, utterance, send, over } = stage()
  const first = utterance(10)
  send(first, 10)
  over(first)
  const second = utterance(5)
  send(second, 5)
  playback.played('v1')
  playback.thrownAway()
  over(second)
  t.match(heard, [
    { heardMs: 100, interrupted: true, text: 'abcde' },
    { heardMs: 0, interrupted: true, text: '' },
  ])
  t.equal(spans[1], null)
})

t.test('a mark that is lost is waited for 2 s longer than the audio takes', async (t) => {
  const { playback, time, heard, utterance, send, over } = stage()
  const spoken = utterance(10)
  send(spoken, 10)
  over(spoken)
  time.ms += 2199
  playback.tick(time.ms)
  t.equal(heard.length, 0)
  time.ms += 1
  playback.tick(time.ms)
  t.match(heard, [{ heardMs: 200, interrupted: false }])
})

t.test(
  'a prompt is played when its mark came back, and cut off as far as it was not',
  async (t) => {
    const { playback, prompts } = stage()
    playback.onPrompt({ promptId: 'one', kind: 'started' })
    playback.sent(800)
    playback.onPrompt({ promptId: 'one', kind: 'finished', how: 'played', playedMs: 100 })
    t.same(prompts, [{ promptId: 'one', kind: 'started' }])
    playback.played('v1')
    t.match(prompts[1], { how: 'played', playedMs: 100 })
    playback.sent(800)
    playback.sent(160)
    playback.played('v2')
    playback.thrownAway()
    playback.onPrompt({ promptId: 'two', kind: 'finished', how: 'digit', playedMs: 120 })
    t.match(prompts[2], { how: 'digit', playedMs: 100 })
    playback.sent(800)
    playback.onPrompt({ promptId: 'three', kind: 'finished', how: 'played', playedMs: 100 })
    playback.thrownAway()
    t.match(prompts[3], { promptId: 'three', how: 'stopped', playedMs: 0 })
  },
)

t.test('what never left is told at once, and so are utterances when the agent goes', async (t) => {
  const { playback, prompts, heard, utterance, send, over } = stage()
  const spoken = utterance(5)
  send(spoken, 5)
  over(spoken)
  playback.sent(160)
  over(utterance(3), true)
  playback.onPrompt({ promptId: 'none', kind: 'finished', how: 'stopped', playedMs: 0 })
  t.match(heard, [{ heardMs: 0, interrupted: true }])
  t.equal(prompts.length, 1)
  playback.tellUtterances()
  t.match(heard[1], { heardMs: 100, interrupted: false })
})

t.test('ten seconds may wait, and no more', async (t) => {
  const { playback, marks } = stage()
  while (!playback.isFull) playback.sent(160)
  t.equal(marks.length, 100)
  playback.played('v1')
  t.notOk(playback.isFull)
  playback.thrownAway()
  t.notOk(playback.isPlaying)
})
