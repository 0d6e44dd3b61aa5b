// Simulated D-ID and HeyGen beside the seeded system, and real files to give to it.
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import sharp from 'sharp'
import { startDId, type DIdSimulator } from '../../../simulators/d-id/index.ts'
import { startHeyGen, type HeyGenSimulator } from '../../../simulators/heygen/index.ts'
import { temporaryFolder } from '../process.ts'
import type { Scope } from './scope.ts'
import { openSeededSystem, type SeededSystem, type SeedOptions } from './seeded-system.ts'

export interface SeededMedia {
  readonly system: SeededSystem
  readonly dId: DIdSimulator
  readonly heyGen: HeyGenSimulator
}

const FFMPEG = '/usr/bin/ffmpeg'
const RENDER_MS = 500
const MINUTE_MS = 60_000
const MEGABYTE = 1024 * 1024

/** Options of a test that needs it: skipped by name where it is not. */
export const needsFfmpeg = (): { readonly skip?: string } =>
  existsSync(FFMPEG) ? {} : { skip: 'ffmpeg is not installed (apt-get install ffmpeg)' }

export async function openSeededMedia(t: Scope, options: SeedOptions = {}): Promise<SeededMedia> {
  const dId = await startDId({ renderMs: RENDER_MS })
  t.teardown(() => dId.close())
  const heyGen = await startHeyGen({ renderMs: RENDER_MS })
  t.teardown(() => heyGen.close())
  const vendorOf = ({ baseUrl, apiKey }: DIdSimulator) => {
    return { baseUrl, apiKey, deadlineMs: 10 * MINUTE_MS, maxJobs: 2 }
  }
  const system = await openSeededSystem(t, {
    staged: false,
    calls: 5,
    ...options,
    media: {
      dId: { ...vendorOf(dId), voiceId: 'en-US-JennyNeural', webhookUrl: undefined },
      heyGen: { ...vendorOf(heyGen), voiceId: 'any-voice', webhookSecret: undefined },
      defaultProvider: 'd-id',
      maxUploadBytes: 20 * MEGABYTE,
      maxAnimationsADay: 100_000,
      resultHosts: [],
    },
  })
  return { system, dId, heyGen }
}

const WIDTH = 640
const HEIGHT = 800

/** Upright, with something like a face in it. Of pixels: the product forbids its library to read drawings. */
export function photoFile(): Promise<Buffer> {
  const pixels = Buffer.alloc(WIDTH * HEIGHT * 3)
  for (let y = 0; y < HEIGHT; y += 1)
    for (let x = 0; x < WIDTH; x += 1) pixels.set(colourAt(x, y), (y * WIDTH + x) * 3)
  const raw = { width: WIDTH, height: HEIGHT, channels: 3 } as const
  return sharp(pixels, { raw }).jpeg({ quality: 90 }).toBuffer()
}

function colourAt(x: number, y: number): readonly [number, number, number] {
  const isIn = (left: number, top: number, wide: number, high: number): boolean =>
    ((x - left) / wide) ** 2 + ((y - top) / high) ** 2 < 1
  if (isIn(250, 310, 24, 24) || isIn(390, 310, 24, 24)) return [20, 20, 20]
  if (isIn(320, 500, 80, 20)) return [136, 0, 51]
  return isIn(320, 360, 190, 250) ? [232, 196, 162] : [159, 180, 199]
}

/** Such as old cameras write: no browser plays it. */
export async function aviFile(t: Scope, seconds: number): Promise<Buffer> {
  const path = join(temporaryFolder(t, 'avi'), 'camera.avi')
  const picture = `testsrc=size=320x240:rate=25:duration=${seconds}`
  const sound = `sine=frequency=440:duration=${seconds}`
  const made = ['-c:v', 'mpeg4', '-c:a', 'pcm_s16le', '-y', path]
  const from = ['-f', 'lavfi', '-i', picture, '-f', 'lavfi', '-i', sound]
  await promisify(execFile)(FFMPEG, ['-nostdin', '-v', 'error', ...from, ...made])
  return readFile(path)
}
