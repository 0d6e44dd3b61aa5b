// Front door of the configuration.
export * from './compile-config.ts'
export * from './config.ts'
export * from './config-warnings.ts'
export * from './load-config.ts'
export * from './loopback.ts'
export * from './trunks-file/render-trunks-schema.ts'
export * from './render-env-example.ts'
export type { RetentionDays, SecretsKey } from './setting.ts'
