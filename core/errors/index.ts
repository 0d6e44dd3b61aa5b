// Front door of errors.
export * from './app-error.ts'
export * from './error-registry.ts'
export * from './system-code.ts'
