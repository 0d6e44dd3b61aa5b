// Front door of the simulated world.
export type { DemoNumber, WorldAddresses } from './messages.ts'
export { startWorld, type World } from './start-world.ts'
