// Whether this process may be sent work: set by main.ts, shown by GET /ready.
export type Readiness = 'starting' | 'ready' | 'draining'

export interface ReadinessSwitch {
  get(): Readiness
  set(state: Readiness): void
}

export function createReadiness(): ReadinessSwitch {
  let current: Readiness = 'starting'
  return {
    get: () => current,
    set(state) {
      current = state
    },
  }
}
