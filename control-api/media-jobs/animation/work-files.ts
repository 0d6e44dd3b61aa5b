// The files of an animation on their way, in the work folder: all begin with its task.
import { open, readdir, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { isMissing, syncToDisk } from '../../storage/durable-file.ts'

const KINDS = {
  /** As `image_url` gave it. */
  fetched: 'fetched',
  /** What is uploaded. */
  photo: 'jpg',
  speech: 'mp3',
  /** What the provider made. */
  video: 'video',
  preview: 'preview.jpg',
} as const
export type WorkFileKind = keyof typeof KINDS

/** A file that is not whole. */
const PART = '.part'
const TASK = /^(ani_[0-9a-f]+)\./

export interface WorkFiles {
  pathOf(taskId: string, kind: WorkFileKind): string
  /** Undefined: there is none. */
  sizeOf(taskId: string, kind: WorkFileKind): Promise<number | undefined>
  /** What `write` makes of it is there whole, or not at all; also not when it `isMade` not. */
  make<T>(
    file: { readonly taskId: string; readonly kind: WorkFileKind },
    write: (path: string) => Promise<T>,
    isMade?: (made: T) => boolean,
  ): Promise<T>
  remove(taskId: string, kind: WorkFileKind): Promise<void>
  /** All of a task. */
  clean(taskId: string): Promise<void>
  /** Tasks that have any. */
  tasks(): Promise<readonly string[]>
}

export function createWorkFiles(folder: string): WorkFiles {
  const pathOf = (taskId: string, kind: WorkFileKind): string =>
    join(folder, `${taskId}.${KINDS[kind]}`)
  const namesOf = async (): Promise<readonly string[]> =>
    (await readdir(folder)).filter((name) => TASK.test(name))
  return {
    pathOf,
    async sizeOf(taskId, kind) {
      try {
        return (await stat(pathOf(taskId, kind))).size
      } catch (error) {
        if (isMissing(error)) return undefined
        throw error
      }
    },
    async make({ taskId, kind }, write, isMade = () => true) {
      const path = pathOf(taskId, kind)
      const part = `${path}${PART}`
      try {
        const made = await write(part)
        if (!isMade(made)) return made
        await syncFile(part)
        await rename(part, path)
        await syncToDisk(folder)
        return made
      } finally {
        await rm(part, { force: true })
      }
    },
    remove: (taskId, kind) => rm(pathOf(taskId, kind), { force: true }),
    async clean(taskId) {
      const names = await namesOf()
      for (const name of names.filter((one) => one.startsWith(`${taskId}.`)))
        await rm(join(folder, name), { force: true })
    },
    async tasks() {
      return [...new Set((await namesOf()).map((name) => TASK.exec(name)?.[1] ?? ''))]
    },
  }
}

async function syncFile(path: string): Promise<void> {
  const handle = await open(path, 'r+')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
