// Front door of the simulated Voximplant.
export type { PhoneScript, SessionFaults, SessionResult } from './engine/session-plan.ts'
export { type Fault, type FaultOptions } from './faults.ts'
export { type HistoryOrder } from './history-commands.ts'
export {
  type HistoryCall,
  type HistoryRecord,
  type HistoryResource,
  type HistorySession,
} from './history-session.ts'
export { phoneBehind } from './named-people.ts'
export {
  type AddedRecording,
  type NewNumber,
  type NewRule,
  type NewScenario,
  type VoximplantOptions,
  type VoximplantSimulator,
} from './options.ts'
export { DEMO_NUMBER, prepareDemo } from './demo-account.ts'
export { pastCalls } from './past-calls.ts'
export { type RequestRecord } from './request-log.ts'
export { type ServiceAccountKey } from './service-token.ts'
export { type SimulatedSession } from './simulated-session.ts'
export { startVoximplant } from './start-voximplant.ts'
