// Front door of the simulated ElevenLabs.
export {
  type AgentLine,
  type AgentRefusal,
  type AgentScript,
  type AgentSound,
  type AgentToolCall,
} from './agent-script.ts'
export {
  type AgentSessionRecord,
  type ConnectionRecord,
  type SignedUrlRequest,
  type SpokenRequest,
  type ToolCallRecord,
  type WebhookRecord,
} from './records.ts'
export { type PostCall } from './post-call.ts'
export { startElevenLabs, type ElevenLabsOptions, type ElevenLabsSimulator } from './simulator.ts'
export { spokenMp3, spokenText, type SpeakingOptions } from './text-to-speech.ts'
export { signatureOf, type WebhookTarget } from './webhook-sender.ts'
