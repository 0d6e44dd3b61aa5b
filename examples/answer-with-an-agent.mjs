// Watches calls that come in and are answered by the agent: who calls, what is said, how it ends.
//
//   node examples/answer-with-an-agent.mjs
//
// The agent answers by itself; this program only looks on. Who it is stands in voicegate's `.env`:
//
//   (nothing)                       the rehearsal's agent answers: call sip:agent@127.0.0.1:5060 with any softphone
//   ELEVENLABS_API_KEY=…            your agent answers
//   ELEVENLABS_AGENT_ID=agent_…
//   SIP_LISTEN=udp:10.0.0.5:5060    … on an address that phones other than this machine's own can reach
//   RTP_HOST=10.0.0.5
//
// voicegate must be running (`npm start`). Set VOICEGATE_URL when it is not at http://127.0.0.1:8000, and API_KEY when
// it asks for a key. You will see a line when a call comes in, then each thing that happens on it while it happens, and
// at its end the transcript as it was really heard. Ctrl-C stops watching; calls go on.
import { setTimeout as sleep } from 'node:timers/promises'

const server = process.env.VOICEGATE_URL ?? 'http://127.0.0.1:8000'

async function get(path) {
  const response = await fetch(new URL(path, server), {
    headers: process.env.API_KEY ? { Authorization: `Bearer ${process.env.API_KEY}` } : {},
    signal: AbortSignal.timeout(10_000),
  })
  const answer = await response.json()
  if (response.ok) return answer
  throw new Error(`${answer.code}: ${answer.detail} ${answer.what_to_do ?? ''}`)
}

/** What of a timeline is worth a line here. All types: GET /api/calls/{id}/timeline, or the page's table. */
const LINES = {
  'sip.answered': () => 'answered',
  'agent.opened': () => 'the agent is on the line',
  'agent.user_transcript': ({ text }) => `caller: ${text}`,
  'agent.response': ({ text }) => `agent:  ${text}`,
  'agent.response_corrected': ({ text }) => `agent:  ${text} (was cut off here)`,
  'agent.interrupted': () => '(the caller talks over the agent)',
  dtmf: () => '(the caller presses a key)',
  'agent.tool_called': ({ tool_name: tool }) => `(the agent uses ${tool})`,
  'sip.bye': ({ direction }) => (direction === 'received' ? 'the caller hangs up' : 'we hang up'),
}

/** Prints a call from its beginning to its end. */
async function follow({ call_id: id, from }) {
  const name = id.slice(-6)
  console.log(`${name}  call from ${from ?? 'somebody anonymous'}`)
  for (let shown = 0; ; await sleep(300)) {
    const { status } = await get(`/api/calls/${id}`)
    const { items } = await get(`/api/calls/${id}/timeline`)
    // What is kept of the SIP messages may still grow between the events; the events themselves only grow at the end.
    const events = items.filter(({ type }) => type !== 'sip.message')
    for (const event of events.slice(shown)) {
      const line = LINES[event.type]?.(event)
      if (line !== undefined) console.log(`${name}  ${seconds(event.offset_ms)}  ${line}`)
    }
    shown = events.length
    if (status === 'ended') break
  }
  const { termination, duration_seconds: talk } = await get(`/api/calls/${id}`)
  console.log(`${name}  over after ${talk} s: ${termination.result}/${termination.reason}`)
  const transcript = await get(`/api/calls/${id}/transcript`)
  for (const turn of transcript.items)
    console.log(`${name}  ${turn.role.padEnd(7)}  ${heard(turn)}`)
}

/** The agent is faster than its voice: what it wrote and what left for the caller differ when it was interrupted. */
function heard({ text, heard: extent, heard_text: heardText }) {
  const words = text ?? '(no words known)'
  if (extent === 'nothing') return `(not heard) ${words}`
  return extent === 'part' ? `${heardText ?? words} (cut off)` : words
}

const seconds = (ms) => `${(ms / 1000).toFixed(1).padStart(6)} s`

/** It was stopped before we asked, or meanwhile. */
const GONE = ['ECONNREFUSED', 'ECONNRESET', 'UND_ERR_SOCKET']

function giveUp(error) {
  const nobody = `Nobody listens at ${server}. Is voicegate running? (npm start)`
  console.error(
    GONE.includes(error.cause?.code) ? nobody : `${error.message} ${error.cause?.message ?? ''}`,
  )
  process.exit(2)
}

const known = new Set()
const startedAt = new Date().toISOString()
const newest = `/api/calls?direction=inbound&limit=100&from_date=${startedAt}`
const { sip_uri: address } = await get('/api/how-to').catch(giveUp)
console.log(`waiting for calls to ${address}`)
for (;;) {
  const { items } = await get(newest).catch(giveUp)
  for (const call of items.filter(({ call_id: id }) => !known.has(id)).reverse()) {
    known.add(call.call_id)
    follow(call).catch(giveUp)
  }
  await sleep(500)
}
