// Is it a video of ours, and whole: what it says of itself, and then every frame of it. A file that was cut off says the
// same of itself as the whole one.
import { stat } from 'node:fs/promises'
import { decodeArguments, probeArguments, VIDEO_CODECS } from './arguments.ts'
import { decodeProbe, type ProbedPicture, type ProbedVideo } from './decode-probe.ts'
import type { CheckedVideo, VideoContainer, VideoFacts, VideoFault } from './video-facts.ts'
import { faultOf, type RunTool, type VideoFile, type VideoLimits } from './video-run.ts'

export type ProbedFile =
  | { readonly kind: 'good'; readonly facts: VideoFacts }
  | { readonly kind: 'bad'; readonly fault: VideoFault }

/** What it says of itself; a duration of 0: it does not say. */
export async function probeVideo(
  file: VideoFile,
  run: RunTool,
  limits: VideoLimits,
): Promise<ProbedFile> {
  const end = await run({
    program: 'ffprobe',
    argv: probeArguments(file.path, file.container),
    limits: limits.probe,
  })
  const unreadable = 'Its index cannot be read: it is damaged, or was cut off.'
  if (end.kind !== 'exited' || end.code !== 0) return bad(faultOf(end, unreadable))
  const probed = decodeProbe(end.output)
  if (!probed) return bad({ kind: 'damaged', message: unreadable })
  const { size } = await stat(file.path)
  return judge(file, probed, { bytes: size, maxDurationMs: limits.maxDurationMs })
}

function judge(
  { container }: VideoFile,
  { picture, durationMs = 0, audioCodec, bitsPerSecond }: ProbedVideo,
  { bytes, maxDurationMs }: { readonly bytes: number; readonly maxDurationMs: number },
): ProbedFile {
  if (!picture) return unsupported('There is no moving picture in it.')
  const { codec, pixelFormat, rotationDegrees, framesPerSecond } = picture
  if (!VIDEO_CODECS.includes(codec))
    return unsupported(`It is coded as ${codec}, which is not taken here.`)
  if (picture.width <= 0 || picture.height <= 0)
    return bad({ kind: 'damaged', message: 'It does not say how large its pictures are.' })
  if (durationMs <= 0 && !STREAMED.includes(container))
    return bad({ kind: 'damaged', message: 'It does not say how long it is: it was not finished.' })
  if (durationMs > maxDurationMs) return bad(tooLong(maxDurationMs))
  const isTurned = rotationDegrees % 180 === 90
  return {
    kind: 'good',
    facts: {
      container,
      bytes,
      durationMs,
      videoCodec: codec,
      pixelFormat,
      audioCodec,
      width: isTurned ? picture.height : picture.width,
      height: isTurned ? picture.width : picture.height,
      rotationDegrees,
      framesPerSecond,
      bitsPerSecond,
      isWebSafe: container === 'mp4' && isPlayable(picture, audioCodec),
    },
  }
}

/** What is recorded as it comes, as browsers do, need not say how long it is. */
const STREAMED: readonly VideoContainer[] = ['webm', 'mkv']

const isPlayable = ({ codec, pixelFormat }: ProbedPicture, audioCodec: string | null): boolean =>
  codec === 'h264' &&
  (pixelFormat === 'yuv420p' || pixelFormat === 'yuvj420p') &&
  (audioCodec === null || audioCodec === 'aac')

const bad = (fault: VideoFault): { readonly kind: 'bad'; readonly fault: VideoFault } => ({
  kind: 'bad',
  fault,
})
const unsupported = (message: string) => bad({ kind: 'unsupported', message })

/** Every frame of it decodes, without a complaint, and they last as long as it says. */
export async function checkVideo(
  file: VideoFile,
  run: RunTool,
  limits: VideoLimits,
): Promise<CheckedVideo> {
  const probed = await probeVideo(file, run, limits)
  if (probed.kind === 'bad') return probed
  const saidMs = probed.facts.durationMs
  const slackMs = Math.max(500, saidMs * 0.05)
  const mostMs = saidMs > 0 ? saidMs + slackMs : limits.maxDurationMs
  let decodedMs = 0
  const end = await run({
    program: 'ffmpeg',
    argv: decodeArguments(file.path, file.container, limits.decode),
    limits: limits.decode,
    onLine(line) {
      decodedMs = Math.max(decodedMs, timeOf(line) ?? 0)
      return decodedMs <= mostMs
    },
  })
  if (end.kind === 'stopped')
    return bad(
      saidMs > 0 ? lasts('It lasts longer than it says', decodedMs) : tooLong(limits.maxDurationMs),
    )
  // Ended by -timelimit: as if told to stop.
  if (end.kind === 'exited' && end.code === STOPPED && end.complaint === '')
    return bad(faultOf({ kind: 'too-slow' }, ''))
  if (end.kind !== 'exited' || end.code !== 0 || end.complaint !== '')
    return bad(faultOf(end, lasts('It is damaged, or was cut off', decodedMs).message))
  if (saidMs > 0 && decodedMs < saidMs - slackMs) return bad(lasts('It ends too early', decodedMs))
  if (decodedMs === 0) return bad(lasts('It is empty', 0))
  const durationMs = saidMs > 0 ? saidMs : Math.round(decodedMs)
  return { kind: 'good', facts: { ...probed.facts, durationMs } }
}

const STOPPED = 255

const tooLong = (maxMs: number): VideoFault => ({
  kind: 'too-long',
  message: `It is longer than ${Math.round(maxMs / 60_000)} minutes.`,
})

const lasts = (what: string, decodedMs: number): VideoFault => ({
  kind: 'damaged',
  message: `${what}: ${(decodedMs / 1000).toFixed(1)} s of it could be decoded.`,
})

/** Of a line of -progress: how much is behind it. */
export function timeOf(line: string): number | undefined {
  const microseconds = /^out_time_us=(\d{1,15})$/.exec(line.trim())?.[1]
  return microseconds === undefined ? undefined : Number(microseconds) / 1000
}
