// Front door of the simulated Twilio.
export { type CallScript, type Delivery, type GatherAnswer, type TalkStep } from './call-script.ts'
export {
  type CallInOptions,
  type RestFault,
  type RestOperation,
  type RetryRule,
  type TwilioOptions,
  type TwilioSimulator,
} from './options.ts'
export {
  type Alert,
  type CallLogEntry,
  type CallStatus,
  type GatherAsked,
  type GatherRecord,
  type HeardPiece,
  type RecordingRecord,
  type StreamRecord,
  type WebhookRecord,
} from './records.ts'
export { personBehind } from './named-people.ts'
export { type FormParams, signatureOf } from './signature.ts'
export { type SimulatedCall } from './simulated-call.ts'
export { startTwilio } from './simulator.ts'
