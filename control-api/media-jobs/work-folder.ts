// Files on their way, on the same disk as the rest of the data: nobody else's to read.
import { randomUUID } from 'node:crypto'
import { mkdir, readdir, rm } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import type { ControlApiConfig } from '../control-api-config.ts'

const FOLDER_MODE = 0o700
/** What a process that is gone left of these belongs to nobody: it is begun anew, or was never answered. */
const OF_THIS_RUN = ['upload-', 'transcode-', 'tools-'] as const

/** Absolute, whatever DATA_DIR is: ffmpeg runs in a folder of its own. */
export const workFolderOf = ({ dataDir }: Pick<ControlApiConfig, 'dataDir'>): string =>
  resolve(dataDir, 'media-work')

/** Makes it where there is none, and deletes what an earlier process left there of its own. */
export async function openWorkFolder(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: FOLDER_MODE })
  const names = await readdir(folder)
  const left = names.filter((name) => OF_THIS_RUN.some((prefix) => name.startsWith(prefix)))
  for (const name of left) await rm(join(folder, name), { recursive: true, force: true })
}

/** A name that nothing else has there. */
export const workFile = (folder: string, prefix: (typeof OF_THIS_RUN)[number]): string =>
  join(folder, `${prefix}${randomUUID()}`)
