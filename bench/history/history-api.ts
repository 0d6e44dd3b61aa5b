// A whole control API on a history, and the calls that begin on it.
import { DatabaseSync } from 'node:sqlite'
import { join } from 'node:path'
import type { ControlApi, ControlApiConfig } from '../../control-api/index.ts'
import { epochMs, newCallId } from '../../core/contracts/index.ts'
import { createLogger } from '../../core/telemetry/index.ts'
import { openBareApi } from '../../test/support/bare-api.ts'
import { DATABASE_FILE } from './generated-history.ts'

const BENCH_TRUNK = 'bench'

/** @param consoleDirectory of a built console, where it is to be served */
export async function openHistoryApi(
  dataDir: string,
  consoleDirectory?: string,
  voximplant?: ControlApiConfig['voximplant'],
): Promise<ControlApi> {
  const logger = createLogger('silent')
  const api = await openBareApi({ dataDir, consoleDirectory, voximplant }, { logger })
  await api.listen()
  return api
}

/** What a call waits for before it may ring or be answered: its record, durable. */
export async function writeTime(api: ControlApi): Promise<number> {
  const startedAt = performance.now()
  await api.journal.open({
    ...{ callId: newCallId(), direction: 'inbound', from: '+4930555200', to: '+4930555100' },
    ...{ trunk: BENCH_TRUNK, createdAt: epochMs(Date.now()), metadata: {} },
  })
  return performance.now() - startedAt
}

/** Takes what `writeTime` wrote out again: the history is kept for the next run. */
export function removeWritten(dataDir: string): void {
  const db = new DatabaseSync(join(dataDir, DATABASE_FILE))
  db.exec(`PRAGMA foreign_keys=OFF; DELETE FROM calls WHERE trunk = '${BENCH_TRUNK}'`)
  db.close()
}
