// A check: looks at one thing, within a deadline of its own, and changes nothing.
import type { Config } from '#core/config'
import type { Logger } from '#core/telemetry'
import type { Finding } from './finding.ts'

export interface Patient {
  readonly config: Config
  readonly logger: Logger
  /** A voicegate answers at the address of this configuration: then the ports are its own. */
  readonly isRunning: boolean
}

export interface Check {
  readonly name: string
  run(patient: Patient): Promise<readonly Finding[]>
}
