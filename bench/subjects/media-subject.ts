// What every process that bridges calls can be asked, so that product and floor are driven alike.
import type { Usage } from '../process/usage-meter.ts'

export interface MediaSubject {
  readonly [name: string]: (argument: never) => unknown
  start(options: SubjectStart): Promise<void> | void
  /** Opens calls whose callers are at those ports; resolves when all agents talk. Returns the ports we took. */
  openCalls(calls: NewCalls): Promise<readonly number[]>
  closeCalls(): Promise<void>
  begin(): Promise<void> | void
  end(): Promise<Usage> | Usage
  /** The resident set, after a garbage collection in all threads if so wanted. */
  residentBytes(how: { readonly collect: boolean }): Promise<number>
}

export interface SubjectStart {
  readonly agentUrl: string
  /** What the floor does with audio; the product has one way only. */
  readonly manner: 'echo' | 'relay'
}

export interface NewCalls {
  /** Number of the first line. */
  readonly first: number
  readonly remotes: readonly number[]
}
