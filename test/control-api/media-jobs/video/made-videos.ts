// Real videos, made by ffmpeg while a test runs; and files that only pretend to be.
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, rm, readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Test } from 'tap'

const run = promisify(execFile)

/** Why tests that need it are skipped; false: they are not. */
export const NO_FFMPEG: string | false = existsSync('/usr/bin/ffmpeg')
  ? false
  : 'ffmpeg is not installed'

export async function freshFolder(t: Pick<Test, 'teardown'>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'voicegate-media-'))
  t.teardown(() => rm(folder, { recursive: true, force: true }))
  return folder
}

export const ffmpeg = async (...argv: readonly string[]): Promise<void> => {
  await run('/usr/bin/ffmpeg', ['-nostdin', '-v', 'error', '-y', ...argv])
}

export interface VideoWish {
  readonly seconds?: number
  readonly size?: string
  readonly sound?: boolean
  /** Played so many times in a row: a long video for the work of a short one. */
  readonly times?: number
  /** More for ffmpeg, before the name of the file. */
  readonly more?: readonly string[]
}

const CODECS: Readonly<Record<string, readonly string[]>> = {
  mp4: ['-c:v', 'libx264', '-c:a', 'aac', '-movflags', '+faststart'],
  mov: ['-c:v', 'libx264', '-c:a', 'aac'],
  mkv: ['-c:v', 'libx264', '-c:a', 'aac'],
  avi: ['-c:v', 'mpeg4', '-c:a', 'mp3'],
  webm: ['-c:v', 'libvpx', '-c:a', 'libopus', '-deadline', 'realtime'],
}

/** In the folder, of the container that its name ends in. */
export async function makeVideo(
  folder: string,
  name: string,
  { times = 1, ...wish }: VideoWish = {},
): Promise<string> {
  const path = join(folder, name)
  const once = times === 1 ? path : join(folder, `once-${name}`)
  await encode(once, wish)
  if (times > 1) await ffmpeg('-stream_loop', String(times - 1), '-i', once, '-c', 'copy', path)
  return path
}

async function encode(
  path: string,
  { seconds = 2, size = '160x120', sound = true, more = [] }: VideoWish,
): Promise<void> {
  const ending = path.slice(path.lastIndexOf('.') + 1)
  await ffmpeg(
    ...['-f', 'lavfi', '-i', `testsrc2=s=${size}:r=25:d=${seconds}`],
    ...(sound ? ['-f', 'lavfi', '-i', `sine=d=${seconds}`] : []),
    ...['-pix_fmt', 'yuv420p', ...(CODECS[ending] ?? []), ...more, path],
  )
}

/** The first part of a file, by another name. */
export async function cutOff(path: string, target: string, share: number): Promise<string> {
  const bytes = await readFile(path)
  await writeFile(target, bytes.subarray(0, Math.floor(bytes.length * share)))
  return target
}

/** With a hole of zeros in its middle. */
export async function rotten(path: string, target: string): Promise<string> {
  const bytes = await readFile(path)
  bytes.fill(0, Math.floor(bytes.length / 2), Math.floor(bytes.length / 2) + 3000)
  await writeFile(target, bytes)
  return target
}

export const writeText = async (path: string, text: string): Promise<string> => {
  await writeFile(path, text)
  return path
}

export const hlsOf = (address: string): string =>
  `#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\n${address}\n#EXT-X-ENDLIST\n`

export const concatOf = (name: string): string => `ffconcat version 1.0\nfile '${name}'\n`

export const SVG = `<svg xmlns="http://www.w3.org/2000/svg" width="400" height="400"><image href="file:///etc/passwd"/></svg>`
export const HTML = '<!doctype html><html><body><script>alert(1)</script></body></html>'
