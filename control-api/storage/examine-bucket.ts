// For the doctor: is the bucket there, and may this key do all that we do there? A small object is written, read, listed and
// deleted; nothing stays.
import { randomUUID } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import type { S3Config } from '#core/config'
import { ms, type MediaStore } from '#core/contracts'
import { codeOf, messageOf } from '#core/errors'
import { waitFor } from '#core/lifecycle'
import { createLogger, createMetrics } from '#core/telemetry'
import { createS3Client } from './s3/s3-client.ts'
import { createS3Store } from './s3/s3-store.ts'
import { S3_TIMING } from './s3/s3-timing.ts'

/** `write` … `delete`: what was refused, or not answered; null: nothing was. */
export interface ExaminedBucket {
  readonly failedStep: 'write' | 'read' | 'list' | 'delete' | null
  /** Its code, such as AccessDenied, or the system's. No address, no key. */
  readonly why: string
  readonly seconds: number
}

const TIMING = { ...S3_TIMING, connectMs: 3000, answerMs: 5000, partMs: 5000, idleMs: 5000 }
const EXAMINED_WITHIN = ms(30_000)
const SENT = '{"voicegate":"the doctor looks whether this can be kept"}'

export async function examineBucket(config: S3Config): Promise<ExaminedBucket> {
  const logger = createLogger('silent')
  const client = createS3Client(config, createMetrics(), TIMING)
  const store = createS3Store({ client, bucket: config.bucket, logger, timing: TIMING })
  const folder = await mkdtemp(join(tmpdir(), 'voicegate-doctor-'))
  const begunAt = performance.now()
  const at: { step: Exclude<ExaminedBucket['failedStep'], null> } = { step: 'write' }
  const seconds = (): number => (performance.now() - begunAt) / 1000
  try {
    const steps = takeSteps(store, join(folder, 'probe.json'), at)
    await waitFor(steps, { name: 'the bucket', timeout: EXAMINED_WITHIN })
    return { failedStep: null, why: '', seconds: seconds() }
  } catch (error) {
    const why = codeOf(error) === 'TIMED_OUT' ? 'it did not answer in time' : messageOf(error)
    return { failedStep: at.step, why, seconds: seconds() }
  } finally {
    client.destroy()
    await rm(folder, { recursive: true, force: true })
  }
}

async function takeSteps(
  store: MediaStore,
  path: string,
  at: { step: Exclude<ExaminedBucket['failedStep'], null> },
): Promise<void> {
  const key = `probe/doctor-${randomUUID()}.json`
  await writeFile(path, SENT)
  await store.putFile(key, path, 'application/json')
  try {
    at.step = 'read'
    const opened = await store.open(key)
    const read = opened === undefined ? undefined : await buffer(opened.stream)
    if (read?.toString() !== SENT) throw new Error('what came back is not what was written')
    at.step = 'list'
    if (!(await isListed(store, key))) throw new Error('it does not list what was written')
    at.step = 'delete'
  } finally {
    // Also after a step that failed: nothing stays, if it can be helped.
    await store.delete(key).catch((error: unknown) => {
      if (at.step === 'delete') throw error
    })
  }
}

async function isListed(store: MediaStore, key: string): Promise<boolean> {
  for await (const entry of store.entries('probe/')) if (entry.key === key) return true
  return false
}
