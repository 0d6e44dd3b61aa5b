// The jobs that fetch what was said and heard on a call of Voximplant.
import type { NewJob } from '../../jobs/job-queue.ts'

/** Asks the agent's vendor about the conversations of the call (elevenlabs/conversation-sync.ts). */
export const transcriptJob = (callId: string): NewJob => ({
  kind: 'conversation.sync',
  data: { call_id: callId },
  dedupeKey: `conversation.sync ${callId}`,
})

/** Its recording, from whoever has it (audio-job.ts). */
export const audioJob = (callId: string): NewJob => ({
  kind: 'voximplant.audio',
  data: { call_id: callId },
  dedupeKey: `voximplant.audio ${callId}`,
})
