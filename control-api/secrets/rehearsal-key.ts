// The key of rehearsals, which need no settings: made once and kept in their data folder.
import { randomBytes } from 'node:crypto'
import { open, readFile, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { AppError, systemCodeOf } from '#core/errors'
import { isMissing, syncToDisk } from '../storage/durable-file.ts'
import type { KeyEncryptionKey } from './envelope.ts'

const FILE = 'secrets.key'
const KEY_ID = 'rehearsal'
/** Its owner's alone. */
const MODE = 0o600
const KEY_BYTES = 32

/** @throws AppError `CONFIGURATION_INVALID` when the file cannot be made or read. */
export async function openRehearsalKey(dataDir: string): Promise<KeyEncryptionKey> {
  const path = join(dataDir, FILE)
  try {
    const key = (await readKey(path)) ?? (await makeKey(dataDir, path))
    if (key.length === KEY_BYTES) return { id: KEY_ID, key }
  } catch (error) {
    throw invalid(
      dataDir,
      `cannot be made or read (${systemCodeOf(error) ?? 'unknown reason'})`,
      error,
    )
  }
  throw invalid(dataDir, `is not a key: ${KEY_BYTES} bytes in base64 were expected`)
}

async function readKey(path: string): Promise<Buffer | undefined> {
  try {
    return Buffer.from(await readFile(path, 'utf8'), 'base64')
  } catch (error) {
    if (isMissing(error)) return undefined
    throw error
  }
}

/** On the disk before anything is encrypted with it, whole or not at all. */
async function makeKey(dataDir: string, path: string): Promise<Buffer> {
  const key = randomBytes(KEY_BYTES)
  const unfinished = `${path}.new`
  const file = await open(unfinished, 'w', MODE)
  try {
    await file.writeFile(`${key.toString('base64')}\n`)
    await file.sync()
  } finally {
    await file.close()
  }
  await rename(unfinished, path)
  await syncToDisk(dataDir)
  return key
}

const invalid = (dataDir: string, why: string, cause?: unknown): AppError =>
  new AppError('CONFIGURATION_INVALID', `DATA_DIR ${dataDir}: ${FILE} in it ${why}.`, { cause })
