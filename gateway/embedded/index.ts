// Front door of the embedded SIP server.
export type { EmbeddedSipStats } from './counters.ts'
export type { CallTrace, TracedMessage } from './trace/message-trace.ts'
export type {
  EmbeddedSipOptions,
  GateOptions,
  ListenAddress,
  SipLimits,
  SipTimers,
} from './server-options.ts'
export { startEmbeddedSip, type EmbeddedSip } from './start-embedded-sip.ts'
