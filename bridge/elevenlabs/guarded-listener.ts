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
    onBusy: (asked) => safely(() => listener.onBusy(asked)),
    onAttempted: (attempt) => safely(() => listener.onAttempted(attempt)),
    onAttemptFailed: (failed) => safely(() => listener.onAttemptFailed(failed)),
    onOpened: (upgradeSentAt) => safely(() => listener.onOpened(upgradeSentAt)),
    onMetadata: (metadata) => safely(() => listener.onMetadata(metadata)),
    onAudio: (line, eventId, alignment) => safely(() => listener.onAudio(line, eventId, alignment)),
    onInterrupted: (eventId) => safely(() => listener.onInterrupted(eventId)),
    onTalkedOverByKeys: (eventId) => safely(() => listener.onTalkedOverByKeys(eventId)),
    onUserTranscript: (text, eventId, tentative) =>
      safely(() => listener.onUserTranscript(text, eventId, tentative)),
    onAgentResponse: (text, eventId) => safely(() => listener.onAgentResponse(text, eventId)),
    onAgentResponseCorrected: (text, eventId, originalText) =>
      safely(() => listener.onAgentResponseCorrected(text, eventId, originalText)),
    onToolCalled: (name, toolCallId) => safely(() => listener.onToolCalled(name, toolCallId)),
    onToolAnswered: (name, toolCallId, isError, elapsedMs) =>
      safely(() => listener.onToolAnswered(name, toolCallId, isError, elapsedMs)),
    onTransferRequested: (toolCallId, to) =>
      safely(() => listener.onTransferRequested(toolCallId, to)),
    onDigitsRequested: (digits) => safely(() => listener.onDigitsRequested(digits)),
    onEnding: () => safely(() => listener.onEnding()),
    onFault: (errorType, detail) => safely(() => listener.onFault(errorType, detail)),
    onClosed: (end) => safely(() => listener.onClosed(end)),
  }
}
