// What every process that bridges calls can be asked, so that product, floor and peers are driven alike.
import type { Usage } from '../process/usage-meter.ts'

export interface MediaSubject {
  readonly [name: string]: (argument: never) => unknown
  start(options: SubjectStart): Promise<void> | void
  /** Opens calls whose callers are at those ports; resolves when all agents talk. Returns the ports we took. */
  openCalls(calls: NewCalls): Promise<readonly number[]>
  closeCalls(): Promise<void>
  /** What the floor does with audio; a bridge has one way only. */
  setManner(manner: SubjectManner): void
  begin(): Promise<void> | void
  end(): Promise<Usage> | Usage
  /** The resident set, after a garbage collection in all threads if so wanted. */
  residentBytes(how: { readonly collect: boolean }): Promise<number>
}

/** `echo`: as much work as a call needs at least. `relay`: as little delay as there can be. */
export type SubjectManner = 'echo' | 'relay'

export interface SubjectStart {
  readonly agentUrl: string
  /** How much caller audio one message to the agent carries; floor and peers know 20 ms only. */
  readonly callerFrameMs: 20 | 40 | 60
}

export interface NewCalls {
  /** Number of the first line. */
  readonly first: number
  readonly remotes: readonly number[]
}
