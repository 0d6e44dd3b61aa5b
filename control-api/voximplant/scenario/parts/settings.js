// The settings are replaced when the scenario is generated; below them is all that a session keeps in mind.

/* BEGIN SETTINGS */
/** @type {VoicegateSettings} */
const SETTINGS = {
  applicationId: 'vap_example',
  baseUrl: 'https://voicegate.example',
  agentId: 'agent_example',
  callerId: null,
  language: 'en',
  recording: 'off',
  texts: { announcement: '', question: '', thanks: '', refused: '' },
  voice: null,
  answeringMachine: null,
  maxDurationSeconds: 600,
  ringTimeoutSeconds: 45,
  dynamicVariables: {},
}
/* END SETTINGS */

/** No longer than the platform lets an agent's connection take; a caller does not wait longer for a voice. */
const AGENT_OPENS_WITHIN_MS = 10000
/** The agent's last words are still being played when its connection closes. */
const FAREWELL_MS = 2000
/** Bytes that the platform keeps with a session. */
const MOST_CUSTOM_DATA = 200
/** RecordStopped comes after Disconnected, or never. */
const RECORD_WAIT_MS = 3000
/** The detector's own limit after the answer, and then its report. */
const MACHINE_LIMIT_MS = 6500
const MACHINE_WATCHDOG_MS = MACHINE_LIMIT_MS + 2000
/** Nobody may be kept by a question. */
const ANSWER_WAIT_MS = 8000
/** A slow voice needs about 80 ms for a letter. */
const SPEECH_MS_PER_LETTER = 120
const SPEECH_MARGIN_MS = 4000
/** A call that was hung up and says nothing about it is over all the same. */
const HANGUP_WAIT_MS = 5000
/** With the gaps between them less than 30 s: one post and two more. */
const FINAL_TIMEOUTS_SECONDS = [10, 10, 7]
const FINAL_GAPS_MS = [500, 1000]
const POST_TIMEOUT_SECONDS = 10
const CONNECT_TIMEOUT_SECONDS = 5
const GIVE_UP_MS = 31000

/** All that is known of the call; every message to voicegate is a copy of it. */
const known = {
  /** @type {string} */ session_id: '',
  /** @type {string | null} */ token: null,
  /** @type {string | null} */ call_id: null,
  /** @type {'outbound' | 'inbound'} */ direction: 'outbound',
  /** @type {string | null} */ from: null,
  to: '',
  at: {
    started: Date.now(),
    /** @type {number | null} */ ringing: null,
    /** @type {number | null} */ connected: null,
    /** @type {number | null} */ agent_requested: null,
    /** @type {number | null} */ agent_opened: null,
    /** @type {number | null} */ first_audio: null,
    /** @type {number | null} */ agent_closed: null,
    /** @type {number | null} */ recording: null,
    /** @type {number | null} */ ended: null,
  },
  /** @type {string | null} */ conversation_id: null,
  /** @type {string | null} */ control_url: null,
  /** @type {{ given: boolean, at: number, prompt: string, language: string } | null} */ consent:
    null,
  /** @type {{ verdict: string, at: number } | null} */ machine: null,
  /** @type {string | null} */ recording_url: null,
  /** @type {{ code: number | null, reason: string, clean: boolean } | null} */ agent_close: null,
  /** @type {End | null} */ ended: null,
}

/** @type {CallPlan} */
const plan = {
  agentId: SETTINGS.agentId,
  dynamicVariables: SETTINGS.dynamicVariables,
  configOverride: null,
  ringTimeoutSeconds: SETTINGS.ringTimeoutSeconds,
  maxDurationSeconds: SETTINGS.maxDurationSeconds,
  answeringMachine: 'off',
}

/** @type {Call | null} */
let call = null
/** @type {ElevenLabs.AgentsClient | null} */
let agent = null
/** Why this side is hanging up; the first reason stays. @type {Leaving | null} */
let leaving = null
/** Whatever the call does, the agent is asked for once. */
let agentAsked = false
/** @type {AMD.AnsweringMachineDetector | null} */
let detector = null
/** Called when there is a verdict. @type {(() => void) | null} */
let onVerdict = null
/** @type {'none' | 'running' | 'stopped'} */
let recording = 'none'
/** Called when the recording has stopped. @type {(() => void) | null} */
let onRecordStopped = null
/** The ring timeout, then the longest duration. @type {number | null} */
let callTimer = null
/** @type {number | null} */
let recordCost = null
