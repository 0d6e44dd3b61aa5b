// Where ffmpeg and ffprobe are, and the small programs that hold them down: those of them that this machine has.
import { constants } from 'node:fs'
import { access } from 'node:fs/promises'
import { join } from 'node:path'
import { AppError } from '#core/errors'

/** Looked in in this order, whatever PATH says: what runs here is the machine's own. */
export const PROGRAM_FOLDERS = ['/usr/local/bin', '/usr/bin', '/bin', '/opt/homebrew/bin'] as const

export interface VideoPrograms {
  readonly ffmpeg: string
  readonly ffprobe: string
  /** Dies with us, and wins no privileges. */
  readonly setpriv: string | undefined
  readonly nice: string | undefined
  readonly prlimit: string | undefined
}

/** Undefined: ffmpeg is not installed. Asked each time, for it may be installed meanwhile. */
export async function findPrograms(folders: readonly string[]): Promise<VideoPrograms | undefined> {
  const names = ['ffmpeg', 'ffprobe', 'setpriv', 'nice', 'prlimit'] as const
  const found = await Promise.all(names.map((name) => findProgram(name, folders)))
  const [ffmpeg, ffprobe, setpriv, nice, prlimit] = found
  if (ffmpeg === undefined || ffprobe === undefined) return undefined
  return { ffmpeg, ffprobe, setpriv, nice, prlimit }
}

async function findProgram(name: string, folders: readonly string[]): Promise<string | undefined> {
  for (const folder of folders) {
    const path = join(folder, name)
    const isThere = await access(path, constants.X_OK).then(
      () => true,
      () => false,
    )
    if (isThere) return path
  }
  return undefined
}

export const toolsMissing = (): AppError =>
  new AppError('VIDEO_TOOLS_MISSING', 'ffmpeg and ffprobe are not installed on this machine.')

export const toolsBroken = (): AppError =>
  new AppError('VIDEO_TOOLS_MISSING', 'ffmpeg is installed on this machine, but does not start.')
