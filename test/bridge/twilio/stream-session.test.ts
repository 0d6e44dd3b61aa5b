// A stream's session beside the talk: what was heard by its marks, keys, prompts before an agent, recording, ends.
import { copyFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import type { Test } from 'tap'
import {
  epochMs,
  ms,
  type MediaEvent,
  type MediaStore,
  type RecordingPolicy,
} from '../../../core/contracts/index.ts'
import { waitUntil } from '../../../core/lifecycle/index.ts'
import { encodeUlaw } from '../../../bridge/audio/g711.ts'
import { longestGapMs, soundingPart, toneUlaw } from '../../support/tone.ts'
import { ulawWav } from '../../support/wav-writing.ts'
import { readWav } from '../../support/wav-reading.ts'
import { THROW, runInWorker } from '../../support/worker-inspector.ts'
import type { AgentConnection } from '../worker/agent-server.ts'
import { AGENT, setUp, type Stage } from '../worker/stage.ts'
import { openStreamCall, type StreamCall } from './stage.ts'

async function talking(stage: Stage, call: StreamCall): Promise<AgentConnection> {
  const before = stage.agent.connections.length
  call.session.openAgent(AGENT, call.evidence())
  await waitUntil(() => call.types().includes('agent.metadata'), ms(5000), 5)
  const connection = stage.agent.connections[before]
  if (!connection) throw new Error('no agent connection')
  return connection
}

const of = <T extends MediaEvent['type']>(call: StreamCall, type: T) =>
  call.events.filter((event): event is Extract<MediaEvent, { type: T }> => event.type === type)

/** The caller breathes: a stream never stops. */
function breathing(t: Test, call: StreamCall): void {
  const timer = setInterval(
    () => call.session.receive(new Uint8Array(160).fill(0xff), Number.NaN),
    20,
  )
  t.teardown(() => clearInterval(timer))
}

t.test(
  'what was heard of an interrupted utterance is what was played, not what was sent',
  async (t) => {
    const stage = await setUp(t)
    const call = await openStreamCall(stage, { delayMs: 100 })
    const agent = await talking(stage, call)
    agent.speak(toneUlaw(1000, 3000), 1)
    await sleep(1000)
    agent.interrupt(1)
    await waitUntil(() => of(call, 'agent.interrupted').length > 0, ms(1000), 1)
    await sleep(50)
    const [heard] = of(call, 'agent.heard')
    const sentMs = call.farEnd.heard().length / 8
    const playedMs = call.farEnd.playedMsAtClear[0] ?? 0
    const heardMs = heard?.data.heardMs ?? 0
    t.match(heard, { data: { interrupted: true, spokenMs: 3000 } })
    t.ok(heardMs <= playedMs && heardMs > playedMs - 350, 'a mark and two ways less', {
      heardMs,
      playedMs,
      sentMs,
    })
    t.ok(sentMs > heardMs + 200, 'more was on its way', { sentMs, heardMs })
    t.equal(heardMs + (of(call, 'agent.interrupted')[0]?.data.discardedMs ?? 0), 3000)
    t.equal(call.farEnd.sent.at(-1)?.kind, 'clear')
    await sleep(300)
    t.equal(of(call, 'agent.heard').length, 1, 'the echoes of the clear change nothing')
    agent.speak(toneUlaw(1000, 200), 2)
    await waitUntil(() => call.farEnd.heard().length / 8 >= sentMs + 200, ms(1000), 5)
    await sleep(100)
    t.equal(call.farEnd.heard().length / 8 - sentMs, 200, 'the next answer is heard')
  },
)

t.test(
  'a goodbye is waited for until its mark comes back, and no longer than the drain',
  async (t) => {
    const stage = await setUp(t, { timing: { drainMs: 1200 } })
    const call = await openStreamCall(stage, { delayMs: 150 })
    const deaf = await openStreamCall(stage)
    deaf.farEnd.isDeaf = true
    for (const each of [call, deaf]) {
      const agent = await talking(stage, each)
      agent.speak(toneUlaw(1000, 300))
      agent.close(1000)
    }
    const isClosed = (each: StreamCall): boolean => each.types().includes('agent.closed')
    await waitUntil(() => call.farEnd.heard().length >= 2400, ms(2000), 5)
    await sleep(200)
    t.notOk(isClosed(call), 'it is on its way still')
    await waitUntil(() => isClosed(call), ms(1000), 5)
    t.same(call.types().slice(-2), ['agent.heard', 'agent.closed'])
    t.match(of(call, 'agent.heard'), [{ data: { heardMs: 300, interrupted: false } }])
    t.ok(
      await waitUntil(() => isClosed(deaf), ms(2000), 5),
      'marks that never come hold nothing up',
    )
  },
)

t.test('answered: a menu is heard, keys are told; an agent comes later', async (t) => {
  const path = join(t.testdir({}), 'menu.wav')
  const menu = toneUlaw(700, 400)
  await writeFile(path, ulawWav(menu))
  const stage = await setUp(t)
  const call = await openStreamCall(stage, { delayMs: 50 })
  const { session, farEnd } = call
  session.answered(epochMs(Date.now()))
  session.tellDigits(true)
  session.play({ id: 'menu', source: { kind: 'file', path }, stopOnDigit: true })
  await call.speak(new Uint8Array(800).fill(0x11))
  await waitUntil(() => farEnd.of('mark').length > 3, ms(2000), 5)
  t.equal(of(call, 'prompt.finished').length, 0, 'it left, and is on its way')
  await waitUntil(() => of(call, 'prompt.finished').length > 0, ms(1000), 5)
  t.match(of(call, 'prompt.finished'), [
    { data: { promptId: 'menu', how: 'played', playedMs: 400 } },
  ])
  t.same(farEnd.heard(), Buffer.from(menu), 'byte for byte, and no silence')
  session.play({ id: 'again', source: { kind: 'file', path }, stopOnDigit: true })
  await waitUntil(() => farEnd.heard().length > menu.length + 1600, ms(2000), 1)
  session.pressed('1')
  await waitUntil(() => of(call, 'prompt.finished').length > 1, ms(1000), 1)
  t.match(of(call, 'prompt.finished')[1], { data: { promptId: 'again', how: 'digit' } })
  t.ok(
    (of(call, 'prompt.finished')[1]?.data.playedMs ?? 999) <=
      (farEnd.playedMsAtClear[0] ?? 0) - 400,
  )
  t.equal(farEnd.sent.at(-1)?.kind, 'clear')
  t.match(of(call, 'dtmf'), [{ data: { source: 'stream', durationMs: null, digit: '1' } }])
  session.tellDigits(false)
  const agent = await talking(stage, call)
  await call.speak(new Uint8Array(1600).fill(0x22))
  session.pressed('4')
  session.pressed('#')
  await waitUntil(() => agent.told.length > 0, ms(2000), 5)
  t.match(agent.told, [/4/])
  t.notOk('digit' in (of(call, 'dtmf').at(-1)?.data ?? {}))
  t.notOk(agent.audio().includes(0x11), 'nothing of before')
  const said = Buffer.alloc(1600, 0x22)
  t.ok(await waitUntil(() => agent.audio().includes(said), ms(1000), 5))
  t.throws(() => session.openAgent(AGENT, call.evidence()), { code: 'EVIDENCE_INVALID' })
})

t.test('a recording is as this call wants it; without a store there is none', async (t) => {
  const kept = join(t.testdir({}), 'kept.wav')
  const store = {
    putFile: async (key: string, path: string) => {
      await copyFile(path, kept)
      return { key, bytes: 1, sha256: 'x' }
    },
  } as unknown as MediaStore
  const recordingOf = (policy: RecordingPolicy) =>
    ({
      policy,
      spoolFolder: join(t.testdir({}), 'spool'),
      store,
      onRescued: () => undefined,
    }) as const
  const started = async (stage: Stage, recording?: RecordingPolicy): Promise<boolean> => {
    const call = await openStreamCall(stage, recording && { recording })
    call.session.answered(epochMs(Date.now()))
    await call.speak(toneUlaw(700, 300))
    call.session.record('start')
    await call.session.close()
    return of(call, 'recording.started').length > 0
  }
  const recorded = await setUp(t, {}, { recording: recordingOf('always') })
  t.equal(await started(recorded, 'off'), false)
  t.equal(await started(recorded), true)
  t.ok((await readWav(kept)).channels[0]!.length > 2000)
  const talk = await openStreamCall(recorded)
  const agent = await talking(recorded, talk)
  agent.speak(toneUlaw(1000, 800))
  await sleep(1200)
  await talk.session.close()
  const sound = soundingPart(encodeUlaw((await readWav(kept)).channels[1]!))
  t.equal(Math.round(sound.length / 8), 800, 'the agent, whole')
  t.ok(longestGapMs(sound) < 1, 'and without a hole')
  const unrecorded = await setUp(t, {}, { recording: recordingOf('off') })
  t.equal(await started(unrecorded), false)
  t.equal(await started(unrecorded, 'after-consent'), true)
  t.equal(await started(await setUp(t), 'always'), false)
})

t.test('a stream that says nothing is told; one that ends takes its agent with it', async (t) => {
  const stage = await setUp(t, { timing: { stallMs: 300, lostMs: 800 } })
  const call = await openStreamCall(stage)
  const agent = await talking(stage, call)
  breathing(t, call)
  await sleep(500)
  t.notOk(call.types().includes('media.stalled'))
  const silent = await openStreamCall(stage)
  silent.session.answered(epochMs(Date.now()))
  await waitUntil(() => of(silent, 'media.stalled').length > 1, ms(2000), 5)
  t.same(
    of(silent, 'media.stalled').map(({ data }) => data.silentMs >= 800),
    [false, true],
  )
  agent.speak(toneUlaw(1000, 2000))
  await waitUntil(() => call.farEnd.heard().length > 0, ms(1000), 5)
  const closing = call.session.close()
  const count = call.farEnd.sent.length
  await closing
  t.match(of(call, 'agent.closed'), [{ data: { reason: 'call-ended' } }])
  t.ok(await waitUntil(() => !agent.isOpen, ms(1000), 5))
  call.session.receive(new Uint8Array(160), 0)
  call.session.played('v1')
  t.equal(call.farEnd.sent.length, count, 'nothing reaches the sink any more')
  await silent.session.close()
  t.equal(stage.bridge.sessionCount(), 0)
})

t.test('no port is taken; a lost worker is told; a closing bridge opens none', async (t) => {
  const stage = await setUp(t)
  const calls = await Promise.all(Array.from({ length: 15 }, () => openStreamCall(stage)))
  const [first] = calls as [StreamCall]
  await talking(stage, first)
  first.farEnd.audio = () => {
    throw new Error('a socket that is gone')
  }
  stage.agent.connections[0]?.speak(toneUlaw(1000, 200))
  await sleep(1100)
  t.match((await stage.metrics.render()).body, /rtp_ports_in_use 0/)
  await runInWorker(t, 'media-0', THROW)
  const isLost = (call: StreamCall): boolean =>
    of(call, 'agent.closed').some(({ data }) => data.reason === 'worker-lost')
  t.ok(await waitUntil(() => calls.every(isLost), ms(2000), 5))
  await Promise.all(calls.map(({ session }) => session.close()))
  await stage.bridge.drain(ms(10))
  await t.rejects(openStreamCall(stage), { code: 'INVALID_STATE' })
})
