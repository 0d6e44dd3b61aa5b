// What is sent to the simulated vendors: a photo, a sound; and a look at what comes back.
import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import sharp from 'sharp'
import type { Test } from 'tap'
import { temporaryFolder } from '../../support/process.ts'

/** No two colours make the same photo. */
export const photo = (
  options: { width?: number; height?: number; red?: number; format?: 'jpeg' | 'png' } = {},
): Promise<Buffer> => {
  const { width = 320, height = 240, red = 200, format = 'jpeg' } = options
  const background = { r: red, g: 120, b: 40 }
  return sharp({ create: { width, height, channels: 3, background } })
    .toFormat(format)
    .toBuffer()
}

/** PCM of 16 bits and 8 kHz (RIFF). */
export function wav(seconds: number): Buffer {
  const data = Buffer.alloc(Math.round(seconds * 16_000))
  const header = Buffer.alloc(44)
  header.write('RIFF', 0)
  header.writeUInt32LE(36 + data.length, 4)
  header.write('WAVEfmt ', 8)
  header.writeUInt32LE(16, 16)
  header.writeUInt16LE(1, 20)
  header.writeUInt16LE(1, 22)
  header.writeUInt32LE(8000, 24)
  header.writeUInt32LE(16_000, 28)
  header.writeUInt16LE(2, 32)
  header.writeUInt16LE(16, 34)
  header.write('data', 36)
  header.writeUInt32LE(data.length, 40)
  return Buffer.concat([header, data])
}

/** Stands in for a video where nobody looks into it. */
export const SOME_VIDEO = Buffer.alloc(40_000, 'a video that nobody plays. ')

export interface Probed {
  readonly format: { readonly format_name: string; readonly duration: string }
  readonly streams: readonly {
    readonly codec_type: string
    readonly codec_name: string
    readonly width?: number
    readonly height?: number
  }[]
}

/** What ffprobe says of it, and whether ffmpeg decodes all of it without a word. */
export function examine(t: Test, video: Buffer): Probed & { readonly isWhole: boolean } {
  const file = join(temporaryFolder(t, 'probe'), 'video.mp4')
  writeFileSync(file, video)
  const shown = ['-v', 'error', '-of', 'json', '-show_format', '-show_streams', file]
  const probed = JSON.parse(execFileSync('ffprobe', shown, { encoding: 'utf8' })) as Probed
  const decoded = ['-v', 'error', '-xerror', '-i', file, '-f', 'null', '-']
  let isWhole = true
  try {
    execFileSync('ffmpeg', decoded, { stdio: ['ignore', 'ignore', 'pipe'] })
  } catch {
    isWhole = false
  }
  return { ...probed, isWhole }
}

/** Of the middle of its first picture: red, green, blue. */
export function colourOf(t: Test, video: Buffer): readonly number[] {
  const file = join(temporaryFolder(t, 'colour'), 'video.mp4')
  writeFileSync(file, video)
  const scaled = ['-i', file, '-frames:v', '1', '-vf', 'crop=8:8,scale=1:1']
  const raw = ['-f', 'rawvideo', '-pix_fmt', 'rgb24', 'pipe:1']
  return [...execFileSync('ffmpeg', ['-v', 'error', ...scaled, ...raw])]
}

export const bytesOf = async (response: Response): Promise<Buffer> =>
  Buffer.from(await response.arrayBuffer())
