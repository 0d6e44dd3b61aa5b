// Front door of telemetry.
export * from './event-loop-lag.ts'
export * from './gc-pauses.ts'
export * from './logger.ts'
export * from './metric-registry.ts'
export * from './metrics.ts'
