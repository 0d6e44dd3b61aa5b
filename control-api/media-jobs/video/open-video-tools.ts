// ffprobe and ffmpeg as the rest of media jobs uses them: two runs at a time, each in a folder of its own.
import { mkdir, rm } from 'node:fs/promises'
import { resolve } from 'node:path'
import { AppError } from '#core/errors'
import { contentOf } from '../file-content.ts'
import { createPlaces, type PlacesOptions } from '../places.ts'
import { workFile } from '../work-folder.ts'
import { checkVideo } from './check-video.ts'
import { previewVideo } from './preview-video.ts'
import { findPrograms, PROGRAM_FOLDERS, toolsMissing } from './programs.ts'
import { runProgram } from './run-program.ts'
import { transcodeVideo } from './transcode-video.ts'
import type { VideoTools } from './video-tools.ts'
import { VIDEO_LIMITS, type RunTool, type VideoFile, type VideoLimits } from './video-run.ts'

export interface VideoToolsDeps {
  /** Private to us: each run has a folder of its own there. */
  readonly workFolder: string
  /** Where the programs are looked for; where a machine has them unless told. */
  readonly programFolders?: readonly string[]
  readonly limits?: Partial<VideoLimits>
  readonly places?: Partial<PlacesOptions>
}

const PLACES: PlacesOptions = { what: 'videos are worked on', count: 2, line: 16, waitMs: 120_000 }

export function openVideoTools(deps: VideoToolsDeps): VideoTools {
  const [{ programFolders = PROGRAM_FOLDERS }, workFolder] = [deps, resolve(deps.workFolder)]
  const limits: VideoLimits = { ...VIDEO_LIMITS, ...deps.limits }
  const places = createPlaces({ ...PLACES, ...deps.places })
  const closing = new AbortController()
  const running = new Set<Promise<unknown>>()

  async function inFolder<T>(
    signal: AbortSignal,
    work: (run: RunTool, cwd: string) => Promise<T>,
  ): Promise<T> {
    const programs = await findPrograms(programFolders)
    if (!programs) throw toolsMissing()
    const cwd = workFile(workFolder, 'tools-')
    await mkdir(cwd, { recursive: true, mode: 0o700 })
    try {
      return await work((run) => runProgram({ ...run, programs, cwd, signal }), cwd)
    } finally {
      await rm(cwd, { recursive: true, force: true })
    }
  }

  async function atWork<T>(
    signal: AbortSignal,
    work: (run: RunTool, cwd: string, signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    const ended = AbortSignal.any([signal, closing.signal])
    const done = places.take(ended, () => inFolder(ended, (run, cwd) => work(run, cwd, ended)))
    running.add(done)
    try {
      return await done
    } finally {
      running.delete(done)
    }
  }

  return {
    isInstalled: async () => (await findPrograms(programFolders)) !== undefined,
    check: (path, signal) =>
      atWork(signal, async (run, _cwd, ended) => {
        const file = await videoFile(path, ended)
        if (file) return checkVideo(file, run, limits)
        return { kind: 'bad', fault: { kind: 'not-a-video', message: NOT_A_VIDEO } }
      }),
    preview: (path, target, signal) =>
      atWork(signal, async (run, cwd, ended) =>
        previewVideo(await knownVideo(path, ended), target, { run, cwd, limits }),
      ),
    transcode: (path, target, { signal, ...asked }) =>
      atWork(signal, async (run, cwd, ended) =>
        transcodeVideo(await knownVideo(path, ended), resolve(target), {
          run,
          cwd,
          limits,
          ...asked,
        }),
      ),
    async close() {
      closing.abort(new AppError('DRAINING', 'The server is shutting down.'))
      await Promise.allSettled(running)
    },
  }
}

const NOT_A_VIDEO = 'Its content is no MP4, MOV, AVI, MKV or WebM, whatever it is called.'

async function videoFile(path: string, signal: AbortSignal): Promise<VideoFile | undefined> {
  const content = await contentOf(path, signal)
  // The programs run elsewhere than we do.
  return content.kind === 'video'
    ? { path: resolve(path), container: content.container }
    : undefined
}

async function knownVideo(path: string, signal: AbortSignal): Promise<VideoFile> {
  const file = await videoFile(path, signal)
  if (!file) throw new AppError('MEDIA_DAMAGED', NOT_A_VIDEO)
  return file
}
