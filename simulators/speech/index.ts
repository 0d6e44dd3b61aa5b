// Front door of the recorded (synthetic) speech: raw G.711 µ-law, 8 kHz, mono. How it was made: README.md.
import { readFileSync } from 'node:fs'

export { alawToUlaw, ulawToAlaw } from './alaw.ts'
export { SincResampler } from './resampler.ts'
export { decodeUlawSample, encodeUlawSample, levelDbm0, toneUlaw } from './sound.ts'

export const SPEECH_NAMES = [
  'agent-greeting',
  'agent-reply',
  'agent-goodbye',
  'fallback-message',
  'caller-hello',
  'caller-question',
  'operator-unavailable',
  'voicemail-greeting',
] as const
export type SpeechName = (typeof SPEECH_NAMES)[number]

const loaded = new Map<SpeechName, Buffer>()

/** The recording's bytes, 8000 a second; read once, so do not write to them. */
export function loadSpeech(name: SpeechName): Buffer {
  const known = loaded.get(name)
  if (known !== undefined) return known
  const speech = readFileSync(new URL(`./${name}.ulaw`, import.meta.url))
  loaded.set(name, speech)
  return speech
}

/** What each recording says, word for word. */
export const SPEECH_TEXTS: Readonly<Record<SpeechName, string>> = {
  'agent-greeting': 'Hello, this is the voicegate rehearsal agent. How can I help you?',
  'agent-reply':
    'Thank you. I heard every word you said, and I have written it down for my colleagues.',
  'agent-goodbye': 'Thank you for calling. Goodbye.',
  'fallback-message': 'We are sorry, something went wrong on our side. Please call again later.',
  'caller-hello': 'Hello? Who is calling, please?',
  'caller-question': 'Could you tell me when you are open tomorrow?',
  'operator-unavailable':
    'Die gewählte Rufnummer ist derzeit nicht erreichbar. ' +
    'The number you have dialled is not available. Please try again later.',
  'voicemail-greeting':
    'Hi, you have reached my voice mail. I cannot take your call right now. ' +
    'Please leave a message after the tone.',
}
