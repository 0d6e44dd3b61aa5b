// Front door of lifecycle.
export * from './lifecycle.ts'
export * from './wait.ts'
