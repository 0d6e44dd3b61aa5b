// Spoken words on disk, one file each, named by what they are: a restart asks the vendor for nothing twice.
import { createHash } from 'node:crypto'
import { mkdir, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { systemCodeOf } from '#core/errors'

/** What is said to callers may be about them. */
const FOLDER_MODE = 0o700
const FILE_MODE = 0o600
const SUFFIX = '.ulaw'
/** A file being written, of this process or of one that died. */
const UNFINISHED = '.part'
/** Nobody writes a file for this long. */
const ABANDONED_AFTER_MS = 60_000

export interface SpokenWords {
  readonly text: string
  readonly voiceId: string
  readonly modelId: string
  readonly language: string | undefined
}

export interface SpeechCache {
  nameOf(words: SpokenWords): string
  /** Undefined when it is not there. */
  read(name: string): Promise<Uint8Array | undefined>
  write(name: string, audio: Uint8Array): Promise<void>
}

export function openSpeechCache(folder: string, maxFiles: number): SpeechCache {
  let written = 0
  return {
    nameOf: ({ text, voiceId, modelId, language }) =>
      createHash('sha256')
        .update(JSON.stringify([text, voiceId, modelId, language ?? null]))
        .digest('hex') + SUFFIX,
    async read(name) {
      const path = join(folder, name)
      try {
        const audio = await readFile(path)
        if (audio.length === 0) return undefined
        const now = new Date()
        await utimes(path, now, now)
        return audio
      } catch (error) {
        if (systemCodeOf(error) === 'ENOENT') return undefined
        throw error
      }
    },
    async write(name, audio) {
      await mkdir(folder, { recursive: true, mode: FOLDER_MODE })
      written += 1
      const part = join(folder, `${name}.${process.pid}-${written}${UNFINISHED}`)
      try {
        await writeFile(part, audio, { mode: FILE_MODE })
        await rename(part, join(folder, name))
      } catch (error) {
        await rm(part, { force: true })
        throw error
      }
      await prune(folder, maxFiles)
    },
  }
}

/** What was not used for longest goes, and what a crash left half written. */
async function prune(folder: string, maxFiles: number): Promise<void> {
  const names = await readdir(folder)
  const found = await Promise.all(
    names.map(async (name) => {
      const path = join(folder, name)
      const { mtimeMs } = await stat(path).catch(() => ({ mtimeMs: Number.NaN })) // Gone meanwhile.
      return { path, name, mtimeMs }
    }),
  )
  const abandonedBefore = Date.now() - ABANDONED_AFTER_MS
  const parts = found.filter(
    ({ name, mtimeMs }) => name.endsWith(UNFINISHED) && mtimeMs < abandonedBefore,
  )
  const whole = found.filter(({ name }) => name.endsWith(SUFFIX))
  whole.sort((one, other) => one.mtimeMs - other.mtimeMs)
  const tooMany = whole.slice(0, Math.max(0, whole.length - maxFiles))
  await Promise.all([...parts, ...tooMany].map(({ path }) => rm(path, { force: true })))
}
