// Front door of the simulated ElevenLabs.
export {
  type AgentLine,
  type AgentRefusal,
  type AgentScript,
  type AgentSound,
} from './agent-script.ts'
export { type AgentSessionRecord, type ConnectionRecord, type SignedUrlRequest } from './records.ts'
export { startElevenLabs, type ElevenLabsOptions, type ElevenLabsSimulator } from './simulator.ts'
