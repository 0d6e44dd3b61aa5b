// A media worker that crashes, and one that hangs, in the midst of calls: its callers are released, its agents closed,
// and the calls of the other worker hear nothing of it.
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import type { Test } from 'tap'
import { ms } from '../../../core/contracts/index.ts'
import { waitUntil } from '../../../core/lifecycle/index.ts'
import { median } from '../../../bench/report/statistics.ts'
import { openRtpPeer, type RtpPeer } from '../../support/rtp-peer.ts'
import { toneUlaw } from '../../support/tone.ts'
import { BLOCK, runInWorker, THROW } from '../../support/worker-inspector.ts'
import type { AgentConnection } from './agent-server.ts'
import { openCall, setUp, talking, type Stage, type StagedCall } from './stage.ts'

interface Talk {
  readonly call: StagedCall
  readonly peer: RtpPeer
  readonly agent: AgentConnection
}

async function openTalk(t: Test, stage: Stage): Promise<Talk> {
  const peer = await openRtpPeer(t)
  const call = await openCall(stage, peer)
  return { call, peer, agent: await talking(stage, call) }
}

/** Ports are dealt out in blocks: the lower half is of the first worker. */
const isOfFirst = ({ call }: Talk, lowest: number): boolean => call.session.local.port < lowest + 10

const FAULTS = [
  { name: 'crashes', code: THROW, noticedWithinMs: 1000, reason: 'died' },
  { name: 'hangs', code: BLOCK, noticedWithinMs: 8000, reason: 'stalled' },
] as const

for (const { code, name, noticedWithinMs, reason } of FAULTS) {
  t.test(`a worker that ${name}: its calls end, the others keep their pace`, async (t) => {
    const lowest = 9000
    const stage = await setUp(t, { workers: 2, rtpPortMin: lowest, rtpPortMax: lowest + 19 })
    const talks: Talk[] = []
    for (let opened = 0; opened < 4; opened += 1) talks.push(await openTalk(t, stage))
    const struck = talks.filter((talk) => isOfFirst(talk, lowest))
    const spared = talks.filter((talk) => !isOfFirst(talk, lowest))
    t.equal(struck.length, 2, 'two calls each')
    const speaking = spared.map(({ agent, call, peer }) => {
      agent.speak(toneUlaw(1000, noticedWithinMs + 1000))
      return peer.speak(call.session.local.port, toneUlaw(440, noticedWithinMs + 500))
    })
    await sleep(500)

    await runInWorker(t, 'media-0', code)
    t.ok(await waitUntil(() => struck.every(isLost), ms(noticedWithinMs)), 'told to their owners')
    t.ok(
      await waitUntil(() => struck.every(({ agent }) => !agent.isOpen), ms(1000)),
      'agents closed',
    )
    await Promise.all(speaking)
    for (const talk of spared) {
      t.notOk(isLost(talk))
      t.ok(talk.agent.isOpen)
      sharePace(t, talk.peer)
      const { received } = await talk.call.session.close()
      t.match(received, { lost: 0 })
      t.ok(received.packets >= noticedWithinMs / 20, 'all of the caller', received)
    }
    const page = (await stage.metrics.render()).body
    t.match(page, `voicegate_media_workers_lost_total{reason="${reason}"} 1`)
    t.match(page, 'voicegate_agent_sessions_total{result="worker-lost"} 2')
    for (const { call } of struck) await call.session.close()

    t.ok(await waitUntil(() => stage.workers.length === 3, ms(3000)), 'replaced')
    await sleep(500)
    const next = [await openTalk(t, stage), await openTalk(t, stage)]
    t.equal(next.filter((talk) => isOfFirst(talk, lowest)).length, 1, 'the new one takes calls')
  })
}

const isLost = ({ call }: Talk): boolean => {
  const last = call.events.at(-1)
  return last?.type === 'agent.closed' && last.data.reason === 'worker-lost'
}

const OUTAGE_MS = 500

/** A shared machine stutters by itself; a fault that spreads would show in the middle of all gaps, or as one long one. */
function sharePace(t: Test, { received }: RtpPeer): void {
  const gaps = received.slice(1).map(({ atMs }, index) => atMs - (received[index]?.atMs ?? 0))
  const sorted = gaps.toSorted((one, other) => one - other)
  const typical = median(gaps)
  t.ok(Math.abs(typical - 20) < 1, 'a packet each 20 ms', { typical })
  t.ok((sorted.at(-1) ?? 0) < OUTAGE_MS, 'no outage', { longest: sorted.at(-1) })
  const [first] = received
  const last = received.at(-1)
  const due = (((last?.timestamp ?? 0) - (first?.timestamp ?? 0)) >>> 0) / 160
  // A pause that is no outage yet is a quarter of the shorter call.
  t.ok(received.length >= 0.85 * due - OUTAGE_MS / 20, 'hardly one is missing', {
    due,
    received: received.length,
  })
}
