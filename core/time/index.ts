// Front door of time.
export * from './back-off.ts'
export * from './clock.ts'
export * from './token-bucket.ts'
