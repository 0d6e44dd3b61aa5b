// A caller handed over to a human, through the whole bridge: real sockets, two telephones, the agent's WebSocket between.
import { copyFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { decodeUlaw, translate } from '../../../bridge/audio/g711.ts'
import { ms, type MediaStore } from '../../../core/contracts/index.ts'
import { waitUntil } from '../../../core/lifecycle/index.ts'
import { remoteRtp } from '../../support/remote-rtp.ts'
import { openRtpPeer, type RtpPeer } from '../../support/rtp-peer.ts'
import { amplitudeAt, longestGapMs, soundingPart, toneUlaw } from '../../support/tone.ts'
import { readWav } from '../../support/wav-reading.ts'
import { runInWorker, THROW } from '../../support/worker-inspector.ts'
import type { AgentConnection } from './agent-server.ts'
import { AGENT, openCall, setUp, talking, type Stage, type StagedCall } from './stage.ts'

/** A shared machine stands still at times; the figures of an even one are those of session/join.test.ts. */
const NOISE_MS = 400
const SILENCE = Buffer.alloc(160, 0xff)

const through = (audio: Uint8Array, from: 'PCMU' | 'PCMA', to: 'PCMU' | 'PCMA'): Uint8Array => {
  const table = translate(from, to)
  return table === null ? audio : Uint8Array.from(audio, (code) => table[code] ?? 0)
}

interface Talk {
  readonly caller: StagedCall
  readonly callerPeer: RtpPeer
  readonly agent: AgentConnection
  readonly human: StagedCall
  readonly humanPeer: RtpPeer
}

/** The caller talks to an agent, and the human has just answered, in A-law. */
async function openTalk(t: Test, stage: Stage): Promise<Talk> {
  const [callerPeer, humanPeer] = [await openRtpPeer(t), await openRtpPeer(t)]
  const caller = await openCall(stage, callerPeer)
  const agent = await talking(stage, caller)
  const human = await openCall(stage, undefined, caller.session)
  human.session.setRemote(
    remoteRtp({ ...humanPeer, address: '127.0.0.1', port: humanPeer.port, formats: ALAW }),
  )
  return { caller, callerPeer, agent, human, humanPeer }
}

const ALAW = [{ codec: 'PCMA', payloadType: 8 }] as const

t.test('join: the agent is gone at once, and both hear each other at 0 dB', async (t) => {
  const stage = await setUp(t, { workers: 2 })
  const { caller, callerPeer, agent, human, humanPeer } = await openTalk(t, stage)
  agent.speak(toneUlaw(2000, 5000))
  await sleep(200)
  t.equal(humanPeer.received.length, 0, 'nothing leaves before the join')
  const joinedAtMs = performance.now()
  caller.session.join(human.session)
  await waitUntil(() => agent.closedAtMs > 0, ms(1000), 1)
  // The goal is 100 ms; a shared machine gets some more.
  t.ok(agent.closedAtMs - joinedAtMs < 300, 'closed', { ms: agent.closedAtMs - joinedAtMs })
  t.match(caller.events.filter(({ type }) => type.startsWith('agent.')).at(-1), {
    type: 'agent.closed',
    data: { reason: 'transferred' },
  })
  await sleep(100)
  const [atCaller, atHuman] = [callerPeer.received.length, humanPeer.received.length]
  await Promise.all([
    callerPeer.speak(caller.session.local.port, toneUlaw(440, 1600)),
    humanPeer.speak(human.session.local.port, through(toneUlaw(1000, 1600), 'PCMU', 'PCMA'), {
      payloadType: 8,
    }),
  ])
  await sleep(150)
  const toHuman = humanPeer.received.slice(atHuman)
  t.ok(toHuman.every(({ payloadType }) => payloadType === 8))
  const heardByHuman = through(payloads(toHuman), 'PCMA', 'PCMU')
  const heardByCaller = payloads(callerPeer.received.slice(atCaller))
  for (const [heard, hz] of [
    [heardByHuman, 440],
    [heardByCaller, 1000],
  ] as const) {
    const sound = soundingPart(heard)
    const levelDb = levelOf(decodeUlaw(sound).subarray(1600, 9600), hz)
    t.ok(Math.abs(levelDb) < 0.5, 'at 0 dB', { hz, levelDb })
    t.ok(Math.abs(sound.length / 8 - 1600) < NOISE_MS, 'as long as it was said', {
      ms: sound.length / 8,
    })
    t.ok(longestGapMs(sound) < NOISE_MS, 'without a gap', { ms: longestGapMs(sound) })
  }
  const [callerStats, humanStats] = [await caller.session.close(), await human.session.close()]
  t.match(callerStats.received, { packets: 80, lost: 0 })
  t.match(humanStats.received, { packets: 80, lost: 0 })
  t.ok(humanStats.sent.packets >= 70)
  t.match(human.events.at(-1), { type: 'media.summary' })
})

/** Where the line hurries, which a busy machine makes it do, a tone is a little higher; where it does not, lower. */
const SPEEDS = Array.from({ length: 18 }, (_, at) => 0.975 + at * 0.005)

/** The level of a tone in the middle one of all frames: a machine that stands still spoils some. */
function levelOf(samples: Int16Array, hz: number): number {
  const frames = Array.from({ length: Math.floor(samples.length / 160) }, (_, at) => {
    const frame = samples.subarray(at * 160, (at + 1) * 160)
    return Math.max(...SPEEDS.map((speed) => amplitudeAt(frame, hz * speed)))
  }).sort((one, other) => one - other)
  return 20 * Math.log10((frames[frames.length >> 1] ?? 0) / 16_000)
}

const payloads = (packets: RtpPeer['received']): Uint8Array =>
  Buffer.concat(packets.map(({ payload }) => payload))

t.test('one way, sound takes less than 60 ms', async (t) => {
  const stage = await setUp(t)
  const { caller, callerPeer, human, humanPeer } = await openTalk(t, stage)
  caller.session.join(human.session)
  const saidAtMs: number[] = []
  const speaking = async (): Promise<void> => {
    const startedAt = performance.now()
    for (let index = 0; index < 120; index += 1) {
      const isLoud = index % 12 === 6
      if (isLoud) saidAtMs.push(performance.now())
      callerPeer.sendPacket(caller.session.local.port, {
        sequence: index,
        timestamp: index * 160,
        payload: isLoud ? toneUlaw(1000, 20) : SILENCE,
      })
      await sleep(Math.max(0, startedAt + (index + 1) * 20 - performance.now()))
    }
  }
  await speaking()
  await sleep(150)
  const heardAtMs: number[] = []
  for (const { atMs, payload } of humanPeer.received) {
    const at = decodeUlaw(through(payload, 'PCMA', 'PCMU')).findIndex((one) => Math.abs(one) > 2000)
    if (at >= 0 && atMs - (heardAtMs.at(-1) ?? 0) > 100) heardAtMs.push(atMs + at / 8)
  }
  t.ok(heardAtMs.length >= 8, 'of ten', { heard: heardAtMs.length })
  /** To each the last that was said before it: what a stall has swallowed is nobody's. */
  const ways = heardAtMs
    .map((at) => at - (saidAtMs.findLast((said) => said < at) ?? Number.NaN))
    .sort((a, b) => a - b)
  t.comment(`one way: ${ways.map((way) => way.toFixed(0)).join(' ')} ms`)
  t.ok((ways[2] ?? 0) < 60, 'where nothing stood still', { ways })
  t.ok((ways.at(-1) ?? 0) < 60 + NOISE_MS, 'anywhere', { ways })
})

t.test('one packet in ten lost: no gap is heard', async (t) => {
  const stage = await setUp(t)
  const { caller, callerPeer, human, humanPeer } = await openTalk(t, stage)
  caller.session.join(human.session)
  await callerPeer.speak(caller.session.local.port, toneUlaw(400, 1000), {
    loses: (index) => index % 10 === 5,
  })
  await sleep(150)
  const sound = soundingPart(through(humanPeer.audio(), 'PCMA', 'PCMU'))
  t.ok(longestGapMs(sound) < NOISE_MS, 'concealed', { ms: longestGapMs(sound) })
  t.ok(Math.abs(sound.length / 8 - 1000) < NOISE_MS, 'no shorter, no longer', {
    ms: sound.length / 8,
  })
  const stats = await caller.session.close()
  t.equal(stats.received.lost, 5)
  t.ok(stats.concealedMs >= 80 && stats.concealedMs < 180 + NOISE_MS, 'counted', stats)
})

t.test('a session beside another has no agent; without the other there is none', async (t) => {
  const stage = await setUp(t, { workers: 2 })
  const caller = await openCall(stage)
  const human = await openCall(stage, undefined, caller.session)
  const foreign = await openCall(stage)
  t.throws(() => human.session.openAgent(AGENT, human.evidence), { code: 'INVALID_STATE' })
  t.throws(() => caller.session.join(foreign.session), { code: 'INVALID_STATE' })
  t.notOk(caller.types().includes('agent.closed'))
  human.session.prewarm(AGENT)
  await caller.session.close()
  caller.session.join(human.session)
  human.session.join(caller.session)
  await t.rejects(openCall(stage, undefined, caller.session), { code: 'INVALID_STATE' })
  await sleep(100)
  t.equal(stage.agent.connections.length, 0)
  t.same(human.events, [])
})

t.test('the recording goes on, with the human where the agent stood', async (t) => {
  const spoolFolder = join(t.testdir({}), 'spool')
  const kept = join(t.testdir({}), 'kept.wav')
  const puts: string[] = []
  const store = {
    putFile: async (key: string, path: string) => {
      puts.push(key)
      await copyFile(path, kept)
      return { key, bytes: 1, sha256: 'x' }
    },
  } as unknown as MediaStore
  const recording = { policy: 'always', spoolFolder, store, onRescued: () => undefined } as const
  const stage = await setUp(t, {}, { recording })
  const { caller, callerPeer, agent, human, humanPeer } = await openTalk(t, stage)
  agent.speak(toneUlaw(2000, 800))
  await callerPeer.speak(caller.session.local.port, toneUlaw(600, 1000))
  caller.session.join(human.session)
  await Promise.all([
    callerPeer.speak(caller.session.local.port, toneUlaw(450, 1500)),
    humanPeer.speak(human.session.local.port, through(toneUlaw(1000, 1500), 'PCMU', 'PCMA'), {
      payloadType: 8,
    }),
  ])
  await sleep(100)
  await human.session.close()
  await sleep(200)
  await caller.session.close()
  t.equal(puts.length, 1, 'one file: the second leg has none of its own')
  t.notOk(human.types().some((type) => type.startsWith('recording.')))
  const { channels } = await readWav(kept)
  const [callerTrack, agentTrack] = channels as [Int16Array, Int16Array]
  const isHeard = (track: Int16Array, fromMs: number, toMs: number, hz: number): boolean =>
    Math.abs(levelOf(track.subarray(fromMs * 8, toMs * 8), hz)) < 1
  t.ok(isHeard(callerTrack, 400, 900, 600), 'the caller before')
  t.ok(isHeard(agentTrack, 300, 700, 2000), 'the agent')
  t.ok(isHeard(callerTrack, 1500, 2300, 450), 'the caller after')
  t.ok(isHeard(agentTrack, 1500, 2300, 1000), 'the human')
  t.ok(agentTrack.length / 8 > 2700, 'to the end', { ms: agentTrack.length / 8 })
})

t.test('their worker dies: both owners are told once, and can close', async (t) => {
  const stage = await setUp(t)
  const { caller, human, agent } = await openTalk(t, stage)
  caller.session.join(human.session)
  await waitUntil(() => !agent.isOpen, ms(1000), 5)
  await waitUntil(() => caller.types().includes('agent.closed'), ms(1000), 5)
  await runInWorker(t, 'media-0', THROW)
  const isLost = ({ events }: StagedCall): boolean => events.at(-1)?.type === 'media.lost'
  t.ok(await waitUntil(() => isLost(caller) && isLost(human), ms(2000), 5))
  for (const { events } of [caller, human])
    t.equal(events.filter(({ type }) => type === 'media.lost').length, 1)
  t.equal(caller.types().filter((type) => type === 'agent.closed').length, 1, 'as it was: once')
  t.notOk(human.types().includes('agent.closed'), 'it never had one')
  await Promise.all([caller.session.close(), human.session.close()])
  t.match((await stage.metrics.render()).body, 'agent_sessions_total{result="transferred"} 1')
})
