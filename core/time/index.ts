// Front door of time.
export * from './clock.ts'
