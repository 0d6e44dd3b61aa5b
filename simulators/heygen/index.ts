// Front door of the simulated HeyGen.
export { type HeyGenOptions, type HeyGenSimulator, type SignatureHeaders } from './options.ts'
export { startHeyGen } from './simulator.ts'
export type {
  JobFault,
  JobFaultKind,
  JobRecord,
  RequestFault,
  RequestRecord,
  SubmissionRecord,
  WebhookRecord,
} from '#simulators/animation-studio'
