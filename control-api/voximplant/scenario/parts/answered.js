// Between the answer and the agent: the answering machine, the announcement, the question.

/** @param {Call} answered */
async function converse(answered) {
  if (plan.answeringMachine === 'gate' && detector !== null) await verdictCame()
  if (plan.answeringMachine === 'gate' && known.machine && known.machine.verdict === 'machine') {
    hangUp(MACHINE)
    return
  }
  if (SETTINGS.recording === 'announced') await announce(answered)
  if (SETTINGS.recording === 'consent') await ask(answered)
  await openAgent(answered)
}

/** Only a positive verdict keeps the agent away; silence of the detector does not. @returns {Promise<void>} */
function verdictCame() {
  if (known.machine !== null) return Promise.resolve()
  return new Promise((resolve) => {
    const watchdog = setTimeout(() => judge('unknown'), MACHINE_WATCHDOG_MS)
    onVerdict = () => {
      clearTimeout(watchdog)
      resolve()
    }
  })
}

/** @param {'human' | 'machine' | 'unknown'} verdict */
function judge(verdict) {
  if (known.machine === null) known.machine = { verdict, at: Date.now() }
  if (onVerdict !== null) onVerdict()
}

/** @param {Call} answered */
async function announce(answered) {
  if (!isTalking()) return
  known.consent = consent(true, 'announcement')
  record(answered)
  await say(answered, SETTINGS.texts.announcement)
}

/** @param {Call} answered */
async function ask(answered) {
  if (!isTalking()) return
  const given = await keyPressed(answered, SETTINGS.texts.question)
  if (!isTalking()) return
  known.consent = consent(given, 'question')
  if (given) record(answered)
  await say(answered, given ? SETTINGS.texts.thanks : SETTINGS.texts.refused)
}

/** @param {boolean} given @param {string} prompt */
function consent(given, prompt) {
  return { given, at: Date.now(), prompt, language: SETTINGS.language }
}

/** True for 1; false for 2, and for silence. @param {Call} answered @param {string} question @returns {Promise<boolean>} */
function keyPressed(answered, question) {
  return new Promise((resolve) => {
    /** @param {boolean} given */
    const settle = (given) => {
      answered.removeEventListener(CallEvents.ToneReceived, onTone)
      resolve(given)
    }
    /** @param {_ToneReceivedEvent} event */
    const onTone = (event) => {
      if (event.tone !== '1' && event.tone !== '2') return
      answered.stopPlayback()
      settle(event.tone === '1')
    }
    answered.addEventListener(CallEvents.ToneReceived, onTone)
    answered.handleTones(true)
    say(answered, question).then(() => setTimeout(() => settle(false), ANSWER_WAIT_MS))
  })
}

/** Resolves when it was said, or should have been. @param {Call} answered @param {string} text @returns {Promise<void>} */
function say(answered, text) {
  if (text === '' || !isTalking()) return Promise.resolve()
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(watchdog)
      answered.removeEventListener(CallEvents.PlaybackFinished, done)
      resolve()
    }
    const watchdog = setTimeout(done, text.length * SPEECH_MS_PER_LETTER + SPEECH_MARGIN_MS)
    answered.addEventListener(CallEvents.PlaybackFinished, done)
    const voice = voiceNamed(SETTINGS.voice)
    answered.say(text, voice === undefined ? {} : { voice })
  })
}

/** @param {string | null} name Such as `Default.de_DE_Female`. */
function voiceNamed(name) {
  if (name === null) return undefined
  const [provider, voice] = name.split('.')
  return (VoiceList[provider] || {})[voice]
}

/** @param {Call} answered */
function record(answered) {
  if (recording !== 'none') return
  recording = 'running'
  answered.record({ stereo: true, hd_audio: true })
}
