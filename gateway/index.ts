// Front door of the gateway.
export { openGateway, type Gateway, type GatewayConfig, type GatewayDeps } from './gateway.ts'
export type { Trunk } from './trunks/trunk.ts'
export { exposeEmbeddedSip } from './embedded-sip-metrics.ts'
export { startEmbeddedSip } from './embedded/index.ts'
export type * from './embedded/index.ts'
