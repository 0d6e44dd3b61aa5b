// Front door of the simulated carrier.
export { startCarrier, type Carrier, type CarrierOptions, type OutgoingCall } from './carrier.ts'
export type { Account, DigestAlgorithm } from './digest-gate.ts'
export type { OptionsFault } from './front-desk.ts'
export type {
  Binding,
  RegisterAttempt,
  Registrar,
  RegistrarFault,
  RegistrarOptions,
} from './registrar.ts'
export type { Impairments, NetworkHabit } from './bad-network.ts'
export type { CarrierCallRecord, LadderMessage } from './call-record.ts'
export type { ArrivalGap, AudioHole, RtpInRecord } from './rtp-recorder.ts'
export type { RtcpRecord } from './rtcp-phone.ts'
export type { RtpOutRecord } from './rtp-phone.ts'
export type { PhoneHabit, PhoneScript, PhoneStep } from './phone-script.ts'
export {
  DEFAULT_SCRIPT,
  DIALLED_BEHAVIOURS,
  NAMED_SCRIPTS,
  scriptNameFor,
  type DialledBehaviour,
  type ScriptName,
} from './named-scripts.ts'
export type { PhoneCodec } from './telephone-codec.ts'
export type { HeardKey } from './telephone-event.ts'
export { decodeUlaw, encodeUlaw, soundBytes, type Sound } from './sound.ts'
