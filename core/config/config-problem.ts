// What a start is refused for.

/** A variable's name and what is wrong with it. Values may be secrets and are not repeated, but for SIP_LISTEN's. */
export interface ConfigProblem {
  readonly name: string
  readonly problem: string
}
