// An MP4 that every browser plays, made of any video of ours.
import { rename } from 'node:fs/promises'
import { join } from 'node:path'
import { AppError } from '#core/errors'
import { transcodeArguments } from './arguments.ts'
import { timeOf } from './check-video.ts'
import type { PreviewRun } from './preview-video.ts'
import { faultOf, type VideoFile } from './video-run.ts'

export interface TranscodeRun extends PreviewRun {
  readonly durationMs: number
  readonly onProgress: (share: number) => void
}

/** @throws AppError `MEDIA_DAMAGED` */
export async function transcodeVideo(
  file: VideoFile,
  target: string,
  { run, limits, cwd, durationMs, onProgress }: TranscodeRun,
): Promise<void> {
  const made = join(cwd, 'web.mp4')
  const { cpuSeconds } = limits.transcode
  const end = await run({
    program: 'ffmpeg',
    argv: transcodeArguments(file.path, file.container, { target: made, cpuSeconds }),
    limits: limits.transcode,
    onLine(line) {
      const at = timeOf(line)
      if (at !== undefined) onProgress(Math.min(1, at / durationMs))
      return true
    },
  })
  if (end.kind !== 'exited' || end.code !== 0)
    throw new AppError('MEDIA_DAMAGED', faultOf(end, 'It could not be coded anew.').message)
  await rename(made, target)
}
