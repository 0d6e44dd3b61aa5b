// A listener whose exceptions end in a report: a defect in one call's code must not take down the media thread and
// every other call on it. (After mediasoup's safeEmit.)
import type { ConversationListener } from './conversation-port.ts'

export function guardedListener(
  listener: ConversationListener,
  report: (error: unknown) => void,
): ConversationListener {
  const safely = (tell: () => void): void => {
    try {
      tell()
    } catch (error) {
      report(error)
    }
  }
  return {
    onPrewarmed: (elapsedMs) => safely(() => listener.onPrewarmed(elapsedMs)),
    onAttempted: (attempt) => safely(() => listener.onAttempted(attempt)),
    onOpened: (upgradeSentAt) => safely(() => listener.onOpened(upgradeSentAt)),
    onMetadata: (metadata) => safely(() => listener.onMetadata(metadata)),
    onAudio: (ulaw, eventId) => safely(() => listener.onAudio(ulaw, eventId)),
    onInterrupted: (eventId) => safely(() => listener.onInterrupted(eventId)),
    onUserTranscript: (text, eventId) => safely(() => listener.onUserTranscript(text, eventId)),
    onAgentResponse: (text, eventId) => safely(() => listener.onAgentResponse(text, eventId)),
    onAgentResponseCorrected: (text, eventId) =>
      safely(() => listener.onAgentResponseCorrected(text, eventId)),
    onEnding: () => safely(() => listener.onEnding()),
    onFault: (errorType, detail) => safely(() => listener.onFault(errorType, detail)),
    onClosed: (end) => safely(() => listener.onClosed(end)),
  }
}
