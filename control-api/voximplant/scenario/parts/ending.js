// How it ends: exactly once, with the first reason that there was.

/** @type {Leaving} */
const WITHOUT_AGENT = {
  answered: 'answered',
  unanswered: 'failed',
  by: 'scenario',
  reason: 'agent',
}
/** @type {Leaving} */
const AGENT_LEFT = { answered: 'answered', unanswered: 'failed', by: 'agent', reason: 'closed' }
/** @type {Leaving} */
const BY_US = { answered: 'answered', unanswered: 'canceled', by: 'api', reason: 'hangup' }
/** @type {Leaving} */
const TOO_LONG = {
  answered: 'answered',
  unanswered: 'failed',
  by: 'scenario',
  reason: 'max duration',
}
/** @type {Leaving} */
const RANG_OUT = {
  answered: 'answered',
  unanswered: 'no-answer',
  by: 'scenario',
  reason: 'ring timeout',
}
/** @type {Leaving} */
const MACHINE = { answered: 'machine', unanswered: 'machine', by: 'scenario', reason: 'voicemail' }
/** @type {Leaving} */
const BROKEN = { answered: 'answered', unanswered: 'failed', by: 'scenario', reason: 'error' }

/** The call is up and nobody is about to leave it. */
function isTalking() {
  return call !== null && known.at.connected !== null && known.ended === null && leaving === null
}

/** Exactly once a session, whatever comes first. @param {End} how */
async function finish(how) {
  if (known.ended !== null) return
  known.at.ended = Date.now()
  known.ended = how
  stopCallTimer()
  closeAgent()
  setTimeout(() => VoxEngine.terminate(), GIVE_UP_MS + RECORD_WAIT_MS)
  if (recording === 'running') await recordingStopped()
  how.record_cost = recordCost
  await sendFinalMessage()
  VoxEngine.terminate()
}

function stopCallTimer() {
  if (callTimer !== null) clearTimeout(callTimer)
  callTimer = null
}

/** @returns {Promise<void>} */
function recordingStopped() {
  return new Promise((resolve) => {
    const watchdog = setTimeout(() => resolve(), RECORD_WAIT_MS)
    onRecordStopped = () => {
      clearTimeout(watchdog)
      resolve()
    }
  })
}

/** @param {End['outcome']} outcome @param {End['by']} by @param {string} reason @returns {End} */
function end(outcome, by, reason) {
  const unknown = { code: null, duration_seconds: null, cost: null, record_cost: null }
  return Object.assign({ outcome, by, reason: reason.slice(0, 200) }, unknown)
}

function closeAgent() {
  if (agent === null || known.at.agent_closed !== null) return
  known.at.agent_closed = Date.now()
  try {
    agent.close()
  } catch (error) {
    Logger.write('voicegate: the agent was closed already')
  }
}

/** @param {Leaving} why */
function hangUp(why) {
  if (known.ended !== null) return
  if (leaving === null) leaving = why
  // Before there is a call, dial() looks at the reason.
  if (call === null) return
  closeAgent()
  const first = leaving
  setTimeout(() => finish(endOfLeaving(first)), HANGUP_WAIT_MS)
  call.hangup()
}

/** @param {Leaving} why */
function endOfLeaving(why) {
  const answered = known.at.connected !== null
  return end(answered ? why.answered : why.unanswered, why.by, why.reason)
}

/** @param {_DisconnectedEvent} event */
function onDisconnected(event) {
  const outbound = known.direction === 'outbound'
  const how =
    leaving !== null
      ? endOfLeaving(leaving)
      : known.at.connected !== null
        ? end('answered', outbound ? 'callee' : 'caller', event.reason || '')
        : outbound
          ? endOfFailure(event.internalCode, event.reason || '')
          : end('canceled', 'caller', event.reason || '')
  how.code = numberOrNull(event.internalCode)
  how.duration_seconds = numberOrNull(event.duration)
  how.cost = numberOrNull(event.cost)
  finish(how)
}

/** @param {_FailedEvent} event */
function onFailed(event) {
  const how =
    leaving !== null ? endOfLeaving(leaving) : endOfFailure(event.code, event.reason || '')
  how.code = numberOrNull(event.code)
  finish(how)
}

/** The reason may be empty, so the code decides. @param {number} code @param {string} reason @returns {End} */
function endOfFailure(code, reason) {
  if (known.direction === 'inbound') return end('canceled', 'caller', reason)
  if (code === 486 || code === 600) return end('busy', 'callee', reason)
  if (code === 603) return end('declined', 'callee', reason)
  if (code === 408 || code === 480) return end('no-answer', 'callee', reason)
  if (code === 487) return end('canceled', 'carrier', reason)
  return end('failed', 'carrier', reason)
}

/** @param {unknown} value */
function numberOrNull(value) {
  const number = typeof value === 'string' && value !== '' ? Number(value) : value
  return typeof number === 'number' && isFinite(number) ? number : null
}
