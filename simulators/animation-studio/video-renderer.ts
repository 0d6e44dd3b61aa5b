// A real MP4 of a photo that moves a little, with a tone or the sound that was sent: ffmpeg makes it, once for what is equal.
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface Shot {
  /** JPEG or PNG; null: a test picture. */
  readonly picture: Buffer | null
  /** Null: a tone. */
  readonly sound: Buffer | null
  readonly seconds: number
  readonly width: number
  readonly height: number
}

export interface VideoRenderer {
  /** @throws Error that says why not */
  render(shot: Shot): Promise<Buffer>
  /** How often ffmpeg ran. */
  readonly runs: number
  close(): Promise<void>
}

const MOST_KEPT = 64
const MOST_AT_ONCE = 2
const RUN_MS = 60_000
const MOST_SECONDS = 4
const LEAST_SECONDS = 2

export const createVideoRenderer = (): VideoRenderer => new FfmpegRenderer()

class FfmpegRenderer implements VideoRenderer {
  readonly #videos = new Map<string, Promise<Buffer>>()
  readonly #waiting: (() => void)[] = []
  readonly #closing = new AbortController()
  #running = 0
  #runs = 0

  get runs(): number {
    return this.#runs
  }

  render(shot: Shot): Promise<Buffer> {
    const key = keyOf(shot)
    const known = this.#videos.get(key)
    if (known !== undefined) return known
    const video = this.#inTurn(shot)
    this.#videos.set(key, video)
    // It may go better the next time.
    video.catch(() => this.#videos.delete(key))
    const oldest = this.#videos.keys().next()
    if (this.#videos.size > MOST_KEPT && oldest.done !== true) this.#videos.delete(oldest.value)
    return video
  }

  async close(): Promise<void> {
    this.#closing.abort()
    for (const go of this.#waiting.splice(0)) go()
    await Promise.allSettled(this.#videos.values())
    this.#videos.clear()
  }

  async #inTurn(shot: Shot): Promise<Buffer> {
    // A place is handed over, so that nobody slips in between.
    if (this.#running < MOST_AT_ONCE) this.#running += 1
    else await new Promise<void>((resolve) => this.#waiting.push(resolve))
    try {
      this.#closing.signal.throwIfAborted()
      this.#runs += 1
      return await renderOnce(shot, this.#closing.signal)
    } finally {
      const next = this.#waiting.shift()
      if (next === undefined) this.#running -= 1
      else next()
    }
  }
}

function keyOf({ picture, sound, seconds, width, height }: Shot): string {
  const hash = createHash('sha256')
  for (const part of [picture, sound]) hash.update(part ?? '').update('|')
  return hash.update([boundedSeconds(seconds), width, height].join('x')).digest('hex')
}

/** How long a video becomes that is to last so long: nobody waits for a long one here. */
export const boundedSeconds = (seconds: number): number =>
  Math.min(MOST_SECONDS, Math.max(LEAST_SECONDS, Math.ceil(seconds)))

async function renderOnce(shot: Shot, signal: AbortSignal): Promise<Buffer> {
  const folder = await mkdtemp(join(tmpdir(), 'voicegate-studio-'))
  try {
    // Its extension is what ffmpeg knows a still picture by.
    const isPng = shot.picture?.[0] === 0x89
    const picture = join(folder, isPng ? 'picture.png' : 'picture.jpg')
    const sound = join(folder, 'sound')
    const video = join(folder, 'video.mp4')
    if (shot.picture !== null) await writeFile(picture, shot.picture)
    if (shot.sound !== null) await writeFile(sound, shot.sound)
    const files = { picture: shot.picture && picture, sound: shot.sound && sound, video }
    await runFfmpeg(argumentsOf(shot, files), signal)
    return await readFile(video)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

interface Files {
  readonly picture: string | null
  readonly sound: string | null
  readonly video: string
}

function argumentsOf(shot: Shot, { picture, sound, video }: Files): string[] {
  const [width, height] = [even(shot.width), even(shot.height)]
  const [wide, high] = [width + 32, height + 32]
  // The camera goes round in a small circle.
  const motion = `crop=${width}:${height}:16+16*sin(PI*t):16+16*cos(PI*t)`
  const fill = `scale=${wide}:${high}:force_original_aspect_ratio=increase,crop=${wide}:${high}`
  return [
    ...['-nostdin', '-hide_banner', '-v', 'error', '-y', '-threads', '1'],
    ...(picture === null
      ? ['-f', 'lavfi', '-i', `testsrc2=size=${wide}x${high}:rate=25`]
      : ['-loop', '1', '-framerate', '25', '-i', `file:${picture}`]),
    ...(sound === null
      ? ['-f', 'lavfi', '-i', 'sine=frequency=330:sample_rate=44100']
      : ['-i', `file:${sound}`]),
    ...['-map', '0:v:0', '-map', '1:a:0', '-vf', `${fill},${motion}`],
    ...['-t', String(boundedSeconds(shot.seconds)), '-c:v', 'libx264', '-preset', 'ultrafast'],
    ...['-crf', '30', '-pix_fmt', 'yuv420p', '-c:a', 'aac', '-b:a', '64k', '-af', 'apad'],
    ...['-threads', '1', '-movflags', '+faststart', '-f', 'mp4', `file:${video}`],
  ]
}

const even = (size: number): number => Math.round(size / 2) * 2

function runFfmpeg(args: readonly string[], signal: AbortSignal): Promise<void> {
  const options = {
    signal,
    timeout: RUN_MS,
    killSignal: 'SIGKILL' as const,
    maxBuffer: 1024 * 1024,
  }
  return new Promise((resolve, reject) => {
    execFile('ffmpeg', args, options, (error, _stdout, stderr) => {
      if (error === null) resolve()
      else if (error.code === 'ENOENT')
        reject(new Error('ffmpeg is not installed where the simulator runs'))
      else reject(new Error(`ffmpeg failed: ${stderr.trim().split('\n').at(-1) ?? error.message}`))
    })
  })
}
