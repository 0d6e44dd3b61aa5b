// A JPEG of one frame: at 1 s, where there is one.
import { rename, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { AppError } from '#core/errors'
import { previewArguments } from './arguments.ts'
import { probeVideo } from './check-video.ts'
import type { RunTool, VideoFile, VideoLimits } from './video-run.ts'

export interface PreviewRun {
  readonly run: RunTool
  readonly limits: VideoLimits
  /** Where it is made, before it is there by its name. */
  readonly cwd: string
}

/** @throws AppError `MEDIA_DAMAGED` */
export async function previewVideo(
  file: VideoFile,
  target: string,
  { run, limits, cwd }: PreviewRun,
): Promise<void> {
  const made = join(cwd, 'preview.jpg')
  const isMade = async (atSeconds: number): Promise<boolean> => {
    const argv = previewArguments(file.path, file.container, { atSeconds, target: made })
    // Behind the end it succeeds, and makes nothing.
    await run({ program: 'ffmpeg', argv, limits: limits.preview })
    return (await sizeOf(made)) > 0
  }
  const half = async (): Promise<number> => {
    const probed = await probeVideo(file, run, limits)
    return probed.kind === 'good' ? Math.min(1, probed.facts.durationMs / 2000) : 0
  }
  if (!((await isMade(1)) || (await isMade(await half())) || (await isMade(0))))
    throw new AppError('MEDIA_DAMAGED', 'No picture could be taken of the video.')
  await rename(made, target)
}

const sizeOf = (path: string): Promise<number> =>
  stat(path).then(
    ({ size }) => size,
    () => 0,
  )
