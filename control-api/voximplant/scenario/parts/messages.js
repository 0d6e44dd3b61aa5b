// What voicegate is told: signed, bounded, and the last message whatever happens.

let sequence = 0
/** One message is on its way and at most one waits: a later snapshot says all that an earlier one says. */
let isReporting = false
/** @type {string | null} */
let waitingEvent = null
/** The last message can be told apart from its repetitions by nothing but its number and time. @type {typeof known | null} */
let lastWord = null
let isSettled = false

/** ASCII only: then there is no doubt about the bytes that are signed. @param {unknown} value */
function asciiJson(value) {
  return JSON.stringify(value).replace(
    /[\u007f-\uffff]/g,
    (character) => '\\u' + ('000' + character.charCodeAt(0).toString(16)).slice(-4),
  )
}

/** @param {string} text */
function hmac(text) {
  return Crypto.hmac_sha256(VoxEngine.getSecretValue('VOICEGATE_KEY') || '', text)
}

/** Never throws: the platform's own limits are a result as well. @param {string} path @param {unknown} message @param {number} timeout */
async function post(path, message, timeout) {
  const body = asciiJson(message)
  const timestamp = String(Math.floor(Date.now() / 1000))
  const query = '?application=' + encodeURIComponent(SETTINGS.applicationId)
  try {
    return await Net.httpRequestAsync(SETTINGS.baseUrl + path + query, {
      method: 'POST',
      postData: body,
      timeout,
      connectionTimeout: CONNECT_TIMEOUT_SECONDS,
      headers: {
        'Content-Type': 'application/json',
        'X-Timestamp': timestamp,
        'X-Signature': 'v1=' + hmac(timestamp + '.' + body),
      },
    })
  } catch (error) {
    return { code: 0 }
  }
}

/** Network faults have codes below 1. @param {number} code */
const mayBeRepeated = (code) => code < 100 || code >= 500

/** @param {string} event */
function snapshot(event) {
  const said = lastWord === null ? known : lastWord
  const message = Object.assign({ event, seq: sequence, sent_at: Date.now() }, said)
  sequence += 1
  return message
}

/** @param {string} event */
async function report(event) {
  if (known.ended !== null) return
  if (isReporting) {
    waitingEvent = event
    return
  }
  isReporting = true
  await post('/api/webhook/voximplant', snapshot(event), POST_TIMEOUT_SECONDS)
  isReporting = false
  const next = waitingEvent
  waitingEvent = null
  if (next !== null) report(next)
}

async function sendFinalMessage() {
  lastWord = JSON.parse(JSON.stringify(known))
  for (let attempt = 0; attempt < FINAL_TIMEOUTS_SECONDS.length; attempt += 1) {
    if (attempt > 0) await pause(FINAL_GAPS_MS[attempt - 1])
    const timeout = FINAL_TIMEOUTS_SECONDS[attempt]
    const { code } = await post('/api/webhook/voximplant', snapshot('ended'), timeout)
    if (!mayBeRepeated(code)) break
    Logger.write('voicegate: the last message was not taken, code ' + code)
  }
  isSettled = true
}

/** @param {number} ms @returns {Promise<void>} */
function pause(ms) {
  return new Promise((resolve) => {
    setTimeout(() => resolve(), ms)
  })
}
