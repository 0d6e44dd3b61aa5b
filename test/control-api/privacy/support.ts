// Calls with everything that is personal about them, played into a control API.
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { CallId, CallIdentity, EpochMs } from '../../../core/contracts/index.ts'
import { eventually, type BuiltApp } from '../../support/build-app.ts'

export const DAY_MS = 24 * 3600_000
/** No other test, and nothing in the product, has these. */
export const NUMBER = '+4930987654321'
export const WORD = 'zyxomorphic'
export const NAME = 'Quirinus'

export interface PlantedCall {
  readonly daysAgo?: number
  readonly number?: string
  readonly conversationId?: string
  readonly consent?: boolean
}

/** A talk that was recorded, and is over. */
export async function plantCall(app: BuiltApp, options: PlantedCall = {}): Promise<CallId> {
  const { daysAgo = 0, number = NUMBER, conversationId = 'conv_planted' } = options
  const createdAt = (app.clock.now() - daysAgo * DAY_MS) as EpochMs
  const identity: Partial<CallIdentity> = { createdAt, from: number, metadata: { name: NAME } }
  const { callId } = await app.control.begin(identity)
  const evidence = { dialog: 'one;a;b', cseq: 1, answeredAt: createdAt }
  const at = (ms: number) => (createdAt + ms) as EpochMs
  app.emit('sip.invite', callId, { direction: 'inbound', sipCallId: `${number}@far.test` }, at(1))
  app.emit('agent.attempted', callId, { evidence, attempt: 1 }, at(2))
  app.emit('agent.opened', callId, { evidence, upgradeSentAt: createdAt }, at(3))
  const formats = { inputFormat: 'ulaw_8000', outputFormat: 'ulaw_8000' }
  app.emit('agent.metadata', callId, { conversationId, ...formats }, at(4))
  if (options.consent === true) {
    const consent = { given: true, promptVersion: 'v1', language: 'de' }
    app.emit('consent.given', callId, consent, at(5))
  }
  app.emit('agent.user_transcript', callId, { text: `I am ${WORD}`, eventId: 1 }, at(6))
  app.emit('agent.response', callId, { text: `Hello ${WORD} ${NAME}`, eventId: 2 }, at(7))
  const closed = { reason: 'call-ended', closeCode: 1000, detail: '', seconds: 60 } as const
  app.emit('agent.closed', callId, closed, at(8))
  await plantRecording(app, callId, at(9))
  app.emit(
    'call.ended',
    callId,
    { termination: { result: 'success', reason: 'hangup', by: 'caller', sipStatus: null } },
    at(10),
  )
  app.control.live.delete(callId)
  await eventually('the call is recorded', async () => {
    const call = (await (await app.request(`/api/calls/${callId}`)).json()) as { status: string }
    return call.status === 'ended'
  })
  return callId
}

async function plantRecording(app: BuiltApp, callId: CallId, at: EpochMs): Promise<void> {
  const path = join(app.dataDir, `${callId}.part`)
  await writeFile(path, `RIFF ${WORD}`)
  const stored = await app.api.mediaStore.putFile(`recordings/${callId}.wav`, path, 'audio/wav')
  const { key, bytes, sha256 } = stored
  app.emit('recording.stored', callId, { key, bytes, sha256, durationMs: 1000 }, at)
}

/** The files below a folder in which a text stands. */
export async function filesWith(folder: string, text: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const found = []
  for (const entry of entries.filter((one) => one.isFile())) {
    const path = join(entry.parentPath, entry.name)
    const bytes = await readFile(path)
    if (bytes.includes(text) || entry.name.includes(text)) found.push(entry.name)
  }
  return found
}

/** One row of the database, read beside the product. */
export function readRow(app: BuiltApp, sql: string, ...values: string[]): Record<string, unknown> {
  const database = new DatabaseSync(join(app.dataDir, 'voicegate.sqlite'), { readOnly: true })
  try {
    return database.prepare(sql).get(...values) ?? {}
  } finally {
    database.close()
  }
}

export const countIn = (app: BuiltApp, table: string, callId: CallId): number =>
  Number(readRow(app, `SELECT count(*) AS n FROM ${table} WHERE call_id = ?`, callId)['n'])
