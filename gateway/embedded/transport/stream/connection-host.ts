// What a connection is made of, and whom it serves.
import type { Socket } from 'node:net'
import type { Counters } from '../../counters.ts'
import type { SipTimers } from '../../server-options.ts'
import type { Connection } from './connection.ts'
import type { InboundPlace } from './connection-quota.ts'
import type { UnsentBudget } from './unsent-budget.ts'
import type { Peer } from '../transport.ts'

/** What a transport gives each of its connections. */
export interface ConnectionHost {
  readonly counters: Pick<Counters, 'dropped'>
  readonly timers: SipTimers
  readonly unsent: UnsentBudget
  readonly maxMessageBytes: number
  /** Default 30 000; tests are shorter. */
  readonly messageDeadlineMs?: number
  onMessage(bytes: Buffer, connection: Connection, size?: 'too-large'): void
  /** Its socket is gone. `error`: of an outbound one that never stood. */
  onClosed(connection: Connection, error?: Error): void
}

export interface ConnectionOptions {
  readonly socket: Socket
  readonly peer: Peer
  /** An outbound one is not ready before this event of its socket; an inbound one is, and has none. */
  readonly readyEvent?: 'connect' | 'secureConnect'
  /** The name the other side's certificate is checked for. Nothing is sent before it was. */
  readonly verifiedFor?: string
  /** Of an inbound one. */
  readonly place?: InboundPlace
}
