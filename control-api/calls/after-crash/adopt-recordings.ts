// A crash may come when a recording is in the media store already and its call's record does not say so yet: the next
// start finds it by its name, so that it can be heard, and deleted.
import { createHash } from 'node:crypto'
import { sql } from 'kysely'
import type { CallId, MediaStore } from '#core/contracts'
import { codeOf } from '#core/errors'
import type { Logger } from '#core/telemetry'
import type { Clock } from '#core/time'
import type { Database } from '../../db/database.ts'
import type { Consequences } from '../consequences.ts'
import { appendLate } from '../late-event.ts'

export interface AdoptDeps {
  readonly database: Database
  readonly consequences: Consequences
  readonly mediaStore: MediaStore
  readonly clock: Clock
  readonly logger: Logger
}

/** Such calls are the last ones of a run; more than this are no accident, and the start is not held up for them. */
const MAX_ADOPTED = 1000
/** A store that is away takes its time to say so, each time: the start is not held up for that either. */
const MAX_FAILURES = 3
/** Byte rate and end of a WAV header of the shortest form, which is the one we write. */
const BYTE_RATE_AT = 28
const HEADER_BYTES = 44

/** Asked before calls begin, and before what is still in the spool is brought in. Never rejects for want of the store. */
export async function adoptRecordings(deps: AdoptDeps): Promise<void> {
  const rows = await deps.database.query
    .selectFrom('calls')
    .select('call_id')
    // Written out, so that the index of just these is used.
    .where('recording_state', '=', sql.lit('recording'))
    .where('ended_at', 'is not', null)
    .orderBy('position', 'desc')
    .limit(MAX_ADOPTED)
    .execute()
  let failures = 0
  for (const { call_id: callId } of rows) {
    try {
      await adopt(deps, callId as CallId)
    } catch (error) {
      if (codeOf(error) !== 'STORAGE_UNAVAILABLE') throw error
      deps.logger.warn({ callId, err: error }, 'whether a recording was kept could not be seen')
      failures += 1
      if (failures === MAX_FAILURES) return
    }
  }
}

async function adopt(deps: AdoptDeps, callId: CallId): Promise<void> {
  const { mediaStore, clock, logger } = deps
  const key = `recordings/${callId}.wav`
  const media = await mediaStore.open(key)
  if (!media) return
  const hash = createHash('sha256')
  let head = Buffer.alloc(0)
  for await (const chunk of media.stream as AsyncIterable<Buffer>) {
    hash.update(chunk)
    if (head.length < HEADER_BYTES) head = Buffer.concat([head, chunk.subarray(0, HEADER_BYTES)])
  }
  const { totalBytes: bytes } = media
  const byteRate = head.length < HEADER_BYTES ? 0 : head.readUInt32LE(BYTE_RATE_AT)
  const durationMs = byteRate === 0 ? 0 : ((bytes - HEADER_BYTES) / byteRate) * 1000
  const data = { key, bytes, sha256: hash.digest('hex'), durationMs }
  await appendLate(deps, { type: 'recording.stored', callId, at: clock.now(), data })
  logger.info({ callId }, 'a recording that was kept as a crash came is in its record now')
}
