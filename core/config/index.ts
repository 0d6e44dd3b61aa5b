// Front door of the configuration.
export * from './compile-config.ts'
export * from './config.ts'
export * from './load-config.ts'
export * from './render-env-example.ts'
