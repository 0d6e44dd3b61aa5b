// Front door of the engine that runs scenarios.
export { runSession } from './session.ts'
export type {
  AgentMessage,
  AgentOpening,
  AmdResult,
  CallState,
  PhoneScript,
  RunningSession,
  SessionCall,
  SessionFaults,
  SessionHttpRequest,
  SessionPlan,
  SessionRecord,
  SessionResource,
  SessionResult,
} from './session-plan.ts'
