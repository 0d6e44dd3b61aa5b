// The call: dialled with what voicegate says of it, or taken as it comes.

/** @param {Call} theCall */
function listenToCall(theCall) {
  theCall.addEventListener(CallEvents.Ringing, () => {
    if (known.at.ringing !== null) return
    known.at.ringing = Date.now()
    report('ringing')
  })
  theCall.addEventListener(CallEvents.Connected, () => onConnected(theCall))
  theCall.addEventListener(CallEvents.Disconnected, onDisconnected)
  theCall.addEventListener(CallEvents.Failed, onFailed)
  theCall.addEventListener(CallEvents.RecordStarted, (event) => {
    known.at.recording = Date.now()
    known.recording_url = event.url
  })
  theCall.addEventListener(CallEvents.RecordStopped, (event) => {
    if (event.url) known.recording_url = event.url
    recordCost = numberOrNull(event.cost)
    endRecording()
  })
  theCall.addEventListener(CallEvents.RecordError, () => {
    Logger.write('voicegate: no recording')
    endRecording()
  })
}

function endRecording() {
  recording = 'stopped'
  if (onRecordStopped !== null) onRecordStopped()
}

/** @param {Call} answered */
function onConnected(answered) {
  if (known.at.connected !== null || known.ended !== null) return
  known.at.connected = Date.now()
  stopCallTimer()
  callTimer = setTimeout(() => hangUp(TOO_LONG), plan.maxDurationSeconds * 1000)
  report('connected')
  converse(answered).catch(giveUp)
}

/** @param {unknown} error */
function giveUp(error) {
  Logger.write('voicegate: ' + (error instanceof Error ? error.name : 'error'))
  if (call === null) finish(endOfLeaving(BROKEN))
  else hangUp(BROKEN)
}

/** @param {string} token */
async function dial(token) {
  known.token = token
  const answer = await exchange(token)
  if (leaving !== null) {
    finish(endOfLeaving(leaving))
    return
  }
  if (answer.code !== 200) {
    finish(Object.assign(end('canceled', 'scenario', 'token'), { code: answer.code }))
    return
  }
  follow(JSON.parse(answer.text || '{}'))
  report('started')
  const options = prepareDetector()
  call = VoxEngine.callPSTN(known.to, known.from || '', options)
  listenToCall(call)
  callTimer = setTimeout(() => hangUp(RANG_OUT), plan.ringTimeoutSeconds * 1000)
}

/** A lost answer may be asked for again: the token belongs to this session then. @param {string} token */
async function exchange(token) {
  const message = { token, session_id: known.session_id, sent_at: Date.now() }
  const path = '/api/webhook/voximplant/token'
  const first = await post(path, message, POST_TIMEOUT_SECONDS)
  if (!mayBeRepeated(first.code) || leaving !== null) return first
  message.sent_at = Date.now()
  return post(path, message, POST_TIMEOUT_SECONDS)
}

/** @param {any} answer What voicegate wants of this call. */
function follow(answer) {
  if (typeof answer.to !== 'string') throw new TypeError('no number')
  known.call_id = answer.call_id
  known.to = answer.to
  known.from = answer.from || SETTINGS.callerId
  plan.agentId = answer.agent_id || SETTINGS.agentId
  plan.dynamicVariables = answer.dynamic_variables || {}
  plan.configOverride = answer.conversation_config_override || null
  plan.ringTimeoutSeconds = answer.ring_timeout_seconds || SETTINGS.ringTimeoutSeconds
  plan.maxDurationSeconds = answer.max_duration_seconds || SETTINGS.maxDurationSeconds
  plan.answeringMachine = answer.answering_machine || 'off'
}

/** Without a detector the call goes on: it is a saving, not a need. @returns {CallPSTNParameters} */
function prepareDetector() {
  if (plan.answeringMachine === 'off' || SETTINGS.answeringMachine === null) return {}
  try {
    const model = AMD.Model[SETTINGS.answeringMachine.model]
    detector = AMD.create({ model, timeout: MACHINE_LIMIT_MS })
  } catch (error) {
    Logger.write('voicegate: no answering machine detection')
    return {}
  }
  detector.addEventListener(AMD.Events.DetectionComplete, (event) => {
    if (event.resultClass === AMD.ResultClass.CALL_ENDED) return
    if (event.resultClass === AMD.ResultClass.VOICEMAIL) judge('machine')
    else judge(event.resultClass === AMD.ResultClass.HUMAN ? 'human' : 'unknown')
  })
  detector.addEventListener(AMD.Events.DetectionError, () => judge('unknown'))
  return { amd: detector }
}

/** The platform names numbers without a plus. @param {string} number */
function e164(number) {
  return /^[1-9]\d{6,14}$/.test(number) ? '+' + number : number
}
