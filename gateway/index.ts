// Front door of the gateway.
export { openGateway, type Gateway, type GatewayConfig, type GatewayDeps } from './gateway.ts'
export { LONGEST_FAREWELL } from './call/spoken-farewell.ts'
export { freeSipPort } from './free-sip-port.ts'
export {
  greetDrachtio,
  isOldDrachtio,
  OLDEST_DRACHTIO,
  type AnnouncedAddress,
  type DrachtioAccess,
  type DrachtioGreeting,
} from './sip/drachtio-handshake.ts'
export { probeTrunk, type TrunkAnswer } from './trunks/probe-trunk.ts'
export { exposeEmbeddedSip, tellOfStrangers } from './embedded-sip-metrics.ts'
export { traceEmbeddedSip } from './embedded-sip-trace.ts'
export { startEmbeddedSip } from './embedded/index.ts'
export type * from './embedded/index.ts'
