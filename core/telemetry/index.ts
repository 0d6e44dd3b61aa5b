// Front door of telemetry.
export * from './event-loop-lag.ts'
export * from './gc-pauses.ts'
export * from './library-console.ts'
export * from './logger.ts'
export { maskedText } from './masked-text.ts'
export * from './metric-registry.ts'
export * from './metrics.ts'
export * from './standard-output.ts'
