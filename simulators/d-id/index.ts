// Front door of the simulated D-ID.
export { type BasicForm, type DIdOptions, type DIdSimulator } from './options.ts'
export { startDId } from './simulator.ts'
export type {
  JobFault,
  JobFaultKind,
  JobRecord,
  RequestFault,
  RequestRecord,
  SubmissionRecord,
  WebhookRecord,
} from '#simulators/animation-studio'
