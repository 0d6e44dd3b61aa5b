// What the feed says of a call's events.
import { readFileSync } from 'node:fs'
import t from 'tap'
import type { CallFact } from '../../control-api/calls/call-fact.ts'
import { FEED_TYPES } from '../../control-api/feed/feed.ts'
import { feedOf } from '../../control-api/feed/feed-of-calls.ts'

t.test('times have no more digits than a reader needs', (t) => {
  const row = { direction: 'outbound', provider: 'sip', trunk: 'one' }
  const told = (type: string, data: object) =>
    feedOf({ row, event: { type, callId: 'call_1', at: 1000, data } } as unknown as CallFact)
  t.match(told('agent.closed', { reason: 'call-ended', seconds: 4.527_567_871_093_75 }), [
    { type: 'agent.closed', data: { reason: 'call-ended', seconds: 4.528 } },
  ])
  t.match(told('recording.stored', { durationMs: 4706.375 }), [
    { type: 'recording.ready', data: { duration_ms: 4706 } },
  ])
  t.end()
})

t.test('the page about live events has every type, and what it means', (t) => {
  const rows = readFileSync('docs/live-events.md', 'utf8').matchAll(/^\| `([a-z]+\.[a-z]+)` +\|/gm)
  const described = new Set([...rows].map(([, type]) => type))
  for (const type of FEED_TYPES) t.ok(described.has(type), type)
  t.end()
})
