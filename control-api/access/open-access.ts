// Everything about who may come in, put together.
import type { Logger, Metrics } from '#core/telemetry'
import type { Clock } from '#core/time'
import type { Database } from '../db/database.ts'
import type { AuditLog } from './audit-log.ts'
import { KeyChanges } from './key-changes.ts'
import { createKeyCheck, type KeyCheck } from './key-check.ts'
import { openKeyRing, type KeyRing, type KeyRingConfig } from './key-ring.ts'
import { LockOut } from './lock-out.ts'
import { createSessionCookie, type SessionCookie } from './session-cookie.ts'
import { Sessions } from './sessions.ts'

export interface AccessDeps {
  readonly database: Database
  readonly clock: Clock
  readonly logger: Logger
  readonly metrics: Metrics
  readonly audit: AuditLog
}

export interface AccessConfig extends KeyRingConfig {
  readonly publicUrl?: string | undefined
}

export interface AccessControl {
  readonly keys: KeyRing
  readonly keyChanges: KeyChanges
  readonly sessions: Sessions
  readonly cookie: SessionCookie
  readonly checkKey: KeyCheck
}

export async function openAccess(deps: AccessDeps, config: AccessConfig): Promise<AccessControl> {
  const keys = await openKeyRing(deps, config)
  const lockOut = new LockOut(deps.clock)
  return {
    keys,
    keyChanges: new KeyChanges({ ...deps, keys }),
    sessions: new Sessions({ ...deps, keys }),
    cookie: createSessionCookie(config.publicUrl),
    checkKey: createKeyCheck({ ...deps, keys, lockOut }),
  }
}
