// The session: how it begins, how voicegate reaches it, how the platform ends it.

VoxEngine.addEventListener(AppEvents.Started, (event) => {
  known.session_id = String(event.sessionId)
  known.control_url = event.accessSecureURL
  known.at.started = Date.now()
  const token = tokenIn(VoxEngine.customData())
  if (token !== null) dial(token).catch(giveUp)
})

/** An outbound session has one; inbound none. @param {string} customData */
function tokenIn(customData) {
  try {
    const { t } = JSON.parse(customData)
    return typeof t === 'string' && t !== '' ? t : null
  } catch (error) {
    return null
  }
}

VoxEngine.addEventListener(AppEvents.CallAlerting, (event) => {
  if (call !== null || known.token !== null || known.ended !== null) {
    event.call.reject(486)
    return
  }
  call = event.call
  known.direction = 'inbound'
  known.from = /\d/.test(event.callerid || '') ? e164(event.callerid) : null
  known.to = e164(event.destination)
  listenToCall(call)
  report('started')
  call.answer()
})

VoxEngine.addEventListener(AppEvents.HttpRequest, (event) => {
  let request
  try {
    request = JSON.parse(event.content)
  } catch (error) {
    return
  }
  if (request === null || request.command !== 'hangup') return
  const wanted = hex(hmac('hangup.' + known.session_id))
  if (isSame(String(request.signature).toLowerCase(), wanted)) hangUp(BY_US)
})

/** Looks at every character, so that the time taken tells nothing. @param {string} given @param {string} wanted */
function isSame(given, wanted) {
  let difference = given.length ^ wanted.length
  for (let i = 0; i < wanted.length; i += 1)
    difference |= given.charCodeAt(i) ^ wanted.charCodeAt(i)
  return difference === 0
}

/** The platform does not say how it writes a MAC: hex is expected, base64 understood. @param {string} mac */
function hex(mac) {
  if (/^[0-9a-f]{64}$/i.test(mac)) return mac.toLowerCase()
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'
  let bits = ''
  for (const character of mac.replace(/=+$/, '')) {
    bits += ('00000' + alphabet.indexOf(character).toString(2)).slice(-6)
  }
  const digits = (bits.slice(0, 256).match(/.{4}/g) || []).map((four) => parseInt(four, 2))
  return digits.map((digit) => digit.toString(16)).join('')
}

VoxEngine.addEventListener(AppEvents.Terminating, () => {
  // One request is allowed now, and there are no timers.
  if (isSettled) return
  if (known.ended === null) {
    known.at.ended = Date.now()
    known.ended =
      leaving !== null
        ? endOfLeaving(leaving)
        : end(known.at.connected === null ? 'failed' : 'answered', 'carrier', 'terminated')
  }
  post('/api/webhook/voximplant', snapshot('ended'), POST_TIMEOUT_SECONDS)
})
