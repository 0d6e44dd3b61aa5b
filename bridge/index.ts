// Front door of the bridge: a caller's RTP ⇄ an agent's conversation.
export {
  openBridge,
  type BridgeConfig,
  type BridgeDeps,
  type BridgeTiming,
} from './worker/bridge.ts'
export { createPromptLibrary } from './play/prompt-library.ts'
export { reachAgent } from './elevenlabs/reach-agent.ts'
export type { AgentConnectionConfig } from './elevenlabs/agent-connection-config.ts'
