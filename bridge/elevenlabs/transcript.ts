// What both sides said, as the agent tells it: settled words at once, tentative ones only when the end leaves them
// unsettled.
import type { ConversationListener } from './conversation-port.ts'
import type { ServerMessageOf, UserTranscription } from './protocol.ts'

/** What one message may put into a call's timeline: an hour of talk, not a memory's worth. */
const MAX_TEXT_BYTES = 16 * 1024

export interface Transcript {
  said(
    message: ServerMessageOf<
      | 'user_transcript'
      | 'tentative_user_transcript'
      | 'agent_response'
      | 'agent_response_correction'
    >,
  ): void
  /** Nothing more is said. */
  close(): void
}

type TranscriptListener = Pick<
  ConversationListener,
  'onUserTranscript' | 'onAgentResponse' | 'onAgentResponseCorrected'
>

export function createTranscript(listener: TranscriptListener): Transcript {
  let tentative: UserTranscription | undefined
  let settledId: number | undefined
  return {
    said(message) {
      switch (message.type) {
        case 'user_transcript': {
          const event = message.user_transcription_event
          tentative = undefined
          settledId = event.event_id
          listener.onUserTranscript(clipped(event.user_transcript), event.event_id ?? 0, false)
          return
        }
        case 'tentative_user_transcript': {
          const event = message.tentative_user_transcription_event
          // One that was overtaken by its settled words says nothing new.
          if (event.event_id === undefined || event.event_id !== settledId)
            tentative = { ...event, user_transcript: clipped(event.user_transcript) }
          return
        }
        case 'agent_response': {
          const event = message.agent_response_event
          listener.onAgentResponse(clipped(event.agent_response), event.event_id ?? 0)
          return
        }
        case 'agent_response_correction': {
          const event = message.agent_response_correction_event
          const original = event.original_agent_response
          listener.onAgentResponseCorrected(
            clipped(event.corrected_agent_response),
            event.event_id ?? 0,
            original === undefined ? undefined : clipped(original),
          )
          return
        }
        default:
          message satisfies never
      }
    },
    close() {
      const last = tentative
      tentative = undefined
      if (last === undefined || last.user_transcript.trim() === '') return
      listener.onUserTranscript(last.user_transcript, last.event_id ?? 0, true)
    },
  }
}

/** The text itself, or its first 16 kB. */
function clipped(text: string): string {
  const bytes = Buffer.from(text.slice(0, MAX_TEXT_BYTES))
  if (text.length <= MAX_TEXT_BYTES && bytes.length <= MAX_TEXT_BYTES) return text
  // Bytes and not the slice itself: that would keep the whole text for as long as somebody keeps the slice.
  // A character cut in half becomes U+FFFD, which is a byte or two longer: it is left out.
  return bytes.toString('utf8', 0, MAX_TEXT_BYTES - 3).replace(/\uFFFD$/, '')
}
