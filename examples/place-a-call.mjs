// Places a call, follows it to its end and prints what came of it. Ctrl-C hangs up.
//
//   node examples/place-a-call.mjs +4930231250000
//
// voicegate must be running (`npm start`). Set VOICEGATE_URL when it is not at http://127.0.0.1:8000, and API_KEY when
// it asks for a key (in rehearsal it does not). You will see each step of the call, then its outcome, who ended it and
// why, and what the agent cost. Exit code: 0 answered, 1 not answered, 2 not placed.
// Nothing but Node 20 is needed: copy this file and start from it.
import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'

const server = process.env.VOICEGATE_URL ?? 'http://127.0.0.1:8000'
const [number] = process.argv.slice(2)

/** One request. A refusal is thrown with the server's own words: what is wrong, and what to do about it. */
async function ask(method, path, { body, headers } = {}) {
  const response = await fetch(new URL(path, server), {
    method,
    headers: {
      ...(process.env.API_KEY && { Authorization: `Bearer ${process.env.API_KEY}` }),
      ...(body && { 'Content-Type': 'application/json' }),
      ...headers,
    },
    body: body && JSON.stringify(body),
    signal: AbortSignal.timeout(20_000),
  })
  const answer = await response.json()
  if (response.ok) return answer
  const refusal = new Error(`${answer.code}: ${answer.detail} ${answer.what_to_do ?? ''}`)
  throw Object.assign(refusal, { code: answer.code })
}

/** An answer can get lost after the phone rings. Sent again with the same key, the request rings nobody twice. */
async function placeCall() {
  const request = {
    body: { phone_number: number, max_duration_seconds: 300 },
    headers: { 'Idempotency-Key': randomUUID() },
  }
  try {
    return await ask('POST', '/api/calls/start', request)
  } catch (error) {
    if (error.code !== undefined || isRefused(error)) throw error
    return await ask('POST', '/api/calls/start', request)
  }
}

const isRefused = (error) => error.cause?.code === 'ECONNREFUSED'

function giveUp(error) {
  const nobody = `Nobody listens at ${server}. Is voicegate running? (npm start)`
  console.error(isRefused(error) ? nobody : `${error.message} ${error.cause?.message ?? ''}`)
  process.exit(2)
}

if (number === undefined)
  giveUp({ message: 'usage: node examples/place-a-call.mjs +4930231250000' })
let call = await placeCall().catch(giveUp)
console.log(`call     ${call.call_id}`)

process.on('SIGINT', () => {
  console.log('\nhanging up …')
  // CALL_ENDED: it was over already. Either way the loop below sees the end.
  ask('POST', `/api/calls/${call.call_id}/hangup`).catch((error) => console.error(error.message))
})

// queued → dialing → ringing (or early_media) → answered → ended; a busy line goes straight to the end.
for (let shown = ''; ; await sleep(250)) {
  call = await ask('GET', `/api/calls/${call.call_id}`).catch(giveUp)
  if (call.status !== shown) console.log(`status   ${(shown = call.status)}`)
  if (call.status === 'ended') break
}

const { outcome, termination, agent, cost } = call
// Ours; a part of the kind "vendor" is what the vendor charges for the same seconds, known some time after the end.
const agentSeconds = cost.parts.find(({ kind }) => kind === 'agent')?.seconds ?? 0
console.log(`outcome  ${outcome}`)
console.log(`because  ${termination.result}/${termination.reason}, by the ${termination.by}`)
console.log(`talk     ${call.duration_seconds} s`)
// What is billed: the agent is opened by the answer, so a call that nobody answers costs nothing.
console.log(`agent    ${agentSeconds} s, ${agent.sessions} session(s), ${cost.amount_minor} cent`)
process.exit(outcome === 'answered' ? 0 : 1)
