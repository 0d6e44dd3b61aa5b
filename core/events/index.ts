// Front door of events.
export * from './call-event-bus.ts'
