// What every process that carries streams of Twilio can be asked, so that product and floor are driven alike.
import type { Usage } from '../process/usage-meter.ts'
import type { ProductStart } from './voicegate.ts'

export interface StreamSubject {
  readonly [name: string]: (argument: never) => unknown
  /** Returns where webhooks and streams come in. */
  start(options: ProductStart): Promise<{ readonly httpPort: number }>
  begin(): void
  end(): Usage
  close(): Promise<void>
}
