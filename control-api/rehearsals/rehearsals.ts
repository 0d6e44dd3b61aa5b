// Port: the rehearsal program, which plays scenarios against simulators of its own in a process of its own. Filled by
// the composition root; this folder knows neither the program nor the simulators.

export interface ScenarioFacts {
  readonly name: string
  /** One line: what happens in it. */
  readonly story: string
  readonly direction: 'inbound' | 'outbound'
  /** Of those that take much longer than a call usually does. */
  readonly lastsSeconds: number | null
}

export interface RunningRehearsal {
  /** When nothing of it runs any more; never rejects. `problem`: why it has no proper end, in words. */
  readonly ended: Promise<{ readonly problem: string | null }>
  /** Resolves with `ended`, within seconds. */
  cancel(): Promise<unknown>
}

export interface Rehearsals {
  scenarios(): Promise<readonly ScenarioFacts[]>
  /**
   * @param scenario a name, or `all`
   * @param onEvent told of each line that the program writes, decoded from JSON and not yet believed
   * @throws AppError `REQUEST_INVALID` with the nearest name when there is no such scenario
   */
  start(scenario: string, onEvent: (event: unknown) => void): Promise<RunningRehearsal>
}
