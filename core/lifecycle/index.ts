// Front door of lifecycle.
export * from './clean-ups.ts'
export * from './lifecycle.ts'
export * from './timer-set.ts'
export * from './turns.ts'
export * from './wait.ts'
