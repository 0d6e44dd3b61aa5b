// Prompts among the agent's utterances: when they play, what ends them, and that each is told once.
import t from 'tap'
import { PlayoutQueue } from '../../../bridge/audio/playout-queue.ts'
import { QueuedPrompt, type PromptTold } from '../../../bridge/audio/queued-prompt.ts'
import { audio, read, SILENCE, stage } from './playout-stage.ts'

t.test('a prompt waits behind what the agent says, and a breath longer', async (t) => {
  const { say, prompt, pass, prompts, utterances } = stage()
  say(1, 100)
  pass(20)
  prompt('p', 60)
  say(1, 100)
  const heard = pass(600)
  t.same(heard.slice(0, 180 * 8), [...audio(800, 0).slice(160), ...audio(800)])
  const begins = heard.indexOf('p'.charCodeAt(0) & 0x3f, 180 * 8)
  t.equal(begins / 8, 180 + 200, 'what came later of the same utterance goes first')
  t.same(utterances, [{ eventId: 1, heardMs: 200, spokenMs: 200, interrupted: false }])
  t.same(prompts, [
    { promptId: 'p', kind: 'started' },
    { promptId: 'p', kind: 'finished', how: 'played', playedMs: 60 },
  ])
})

t.test('an agent that stumbles goes on before the prompt', async (t) => {
  const { say, prompt, pass, prompts } = stage()
  say(1, 60)
  prompt('p', 60)
  pass(160)
  say(1, 60)
  const heard = pass(60)
  t.same(heard, [...audio(480)])
  t.same(prompts, [])
  pass(400)
  t.equal(prompts.length, 2)
})

t.test('prompts play at once, one after the other without a gap, in order', async (t) => {
  const { prompt, pass, prompts, queue } = stage()
  prompt('a', 30)
  prompt('b', 30)
  t.notOk(queue.isEmpty)
  const heard = pass(80)
  t.same(heard.slice(0, 240), new Array<number>(240).fill('a'.charCodeAt(0) & 0x3f))
  t.same(heard.slice(240, 480), new Array<number>(240).fill('b'.charCodeAt(0) & 0x3f))
  t.same(heard.slice(480), new Array<number>(160).fill(SILENCE))
  t.same(
    prompts.map(({ promptId, kind }) => `${promptId} ${kind}`),
    ['a started', 'a finished', 'b started', 'b finished'],
  )
  t.ok(queue.isEmpty)
})

t.test('the agent waits for a prompt that plays', async (t) => {
  const { prompt, say, pass, utterances } = stage()
  prompt('a', 100)
  pass(20)
  say(1, 60)
  const heard = pass(140)
  t.same(heard.slice(640, 1120), [...audio(480)])
  pass(1200)
  t.match(utterances, [{ eventId: 1, heardMs: 60 }])
})

t.test('an interruption of the agent leaves prompts alone', async (t) => {
  const { prompt, say, pass, interrupt, prompts } = stage()
  say(1, 500)
  prompt('a', 40)
  pass(100)
  interrupt()
  pass(400)
  t.same(prompts.at(-1), { promptId: 'a', kind: 'finished', how: 'played', playedMs: 40 })
  prompt('b', 100)
  pass(40)
  say(2, 500)
  t.equal(interrupt(), 500)
  pass(100)
  t.same(prompts.at(-1), { promptId: 'b', kind: 'finished', how: 'played', playedMs: 100 })
})

t.test(
  'stopping prompts ends the one that plays and those behind; the agent goes on',
  async (t) => {
    const { prompt, say, pass, stopPrompts, prompts } = stage()
    prompt('a', 100)
    prompt('b', 100)
    pass(40)
    say(1, 60)
    stopPrompts()
    t.same(prompts.slice(1), [
      { promptId: 'a', kind: 'finished', how: 'stopped', playedMs: 48 },
      { promptId: 'b', kind: 'finished', how: 'stopped', playedMs: 0 },
    ])
    const heard = pass(100)
    t.not(heard[0], SILENCE, 'it fades')
    t.same(heard.slice(160, 640), [...audio(480)])
    stopPrompts()
    t.equal(prompts.length, 3)
  },
)

t.test('a key ends a prompt that stops on one, and what is queued behind it', async (t) => {
  const { prompt, pass, pressed, prompts } = stage()
  prompt('a', 100, false)
  prompt('b', 100, true)
  prompt('c', 100, false)
  pressed()
  pass(40)
  pressed()
  t.equal(prompts.length, 1, 'the first does not mind')
  pass(100)
  pressed()
  t.same(prompts.slice(3), [
    { promptId: 'b', kind: 'finished', how: 'digit', playedMs: 48 },
    { promptId: 'c', kind: 'finished', how: 'digit', playedMs: 0 },
  ])
})

t.test('more prompts than 32 are told as stopped, empty ones as played', async (t) => {
  const { prompt, prompts, close, pass } = stage()
  for (let index = 0; index < 33; index += 1) prompt(`p${index}`, 20)
  t.same(prompts, [{ promptId: 'p32', kind: 'finished', how: 'stopped', playedMs: 0 }])
  pass(20)
  close()
  t.equal(prompts.filter(({ kind }) => kind === 'finished').length, 33, 'each exactly once')
  prompt('empty', 0)
  t.match(prompts.at(-1), { promptId: 'empty', how: 'played', playedMs: 0 })
})

t.test('a listener may play the next prompt when told of the last', async (t) => {
  const queue = new PlayoutQueue()
  const played: string[] = []
  const next = (promptId: string): void =>
    queue.play(new QueuedPrompt(promptId, new Uint8Array(160), false), 0)
  const listener = {
    onUtterance: () => undefined,
    onPrompt: (told: PromptTold) => {
      if (told.kind === 'started') return
      played.push(told.promptId)
      if (played.length < 3) next(`p${played.length}`)
    },
  }
  next('p0')
  for (let frame = 0; frame < 6; frame += 1) {
    if (queue.mayStart(frame * 20)) queue.start()
    read(queue, 1, frame * 20)
    queue.tell(listener)
  }
  t.same(played, ['p0', 'p1', 'p2'])
})
