// Photos made all alike (sharp.pixelplumbing.com): upright, without what a camera writes beside, at most 1920 px, JPEG.
import { stat } from 'node:fs/promises'
import type { Sharp, SharpOptions } from 'sharp'
import { contentOf, type PhotoFormat } from '../file-content.ts'
import { createPlaces, type PlacesOptions } from '../places.ts'
import type { NormalisedPhoto } from './photo-facts.ts'

export interface PhotoTools {
  /** @throws AppError `MEDIA_BUSY` when too many wait */
  normalise(path: string, target: string, signal: AbortSignal): Promise<NormalisedPhoto>
  /** Of a normalised photo. @throws AppError the same */
  preview(path: string, target: string, signal: AbortSignal): Promise<void>
}

/** What a camera of fifty million pixels writes. */
export const MAX_PHOTO_BYTES = 25 * 1024 * 1024
const MAX_PIXELS = 52_000_000
/** The vendors want no less. */
const MIN_SIDE = 160
const MAX_SIDE = 1920
const PREVIEW_SIDE = 480
const QUALITY = 90
const PREVIEW_QUALITY = 80
const DEADLINE_SECONDS = 30

/** One photo of the largest size takes some 300 MB on its way. */
const PLACES: PlacesOptions = { what: 'photos are worked on', count: 2, line: 16, waitMs: 60_000 }

const INPUT = {
  failOn: 'error',
  limitInputPixels: MAX_PIXELS,
  sequentialRead: true,
} as const satisfies SharpOptions

export function createPhotoTools(): PhotoTools {
  const places = createPlaces(PLACES)
  return {
    normalise: (path, target, signal) =>
      places.take(signal, async () => {
        const { size } = await stat(path)
        if (size > MAX_PHOTO_BYTES) {
          const limit = MAX_PHOTO_BYTES / 1024 ** 2
          return bad('too-large', `A photo may have ${limit} MB at most.`)
        }
        const content = await contentOf(path, signal)
        if (content.kind !== 'photo')
          return bad('not-a-photo', 'Its content is no JPEG, PNG or WebP, whatever it is called.')
        return normalise(path, target, content.format)
      }),
    preview: (path, target, signal) =>
      places.take(signal, async () => {
        const open = await loadSharp()
        await asJpeg(open(path), PREVIEW_SIDE, PREVIEW_QUALITY).toFile(target)
      }),
  }
}

const bad = (
  fault: Extract<NormalisedPhoto, { kind: 'bad' }>['fault'],
  message: string,
): NormalisedPhoto => ({ kind: 'bad', fault, message })

const DAMAGED = bad('damaged', 'The photo is damaged, or was cut off.')

async function normalise(
  path: string,
  target: string,
  format: PhotoFormat,
): Promise<NormalisedPhoto> {
  const open = await loadSharp()
  // Its head alone: what has too many pixels is said to have them.
  const source = await sizeOf(open(path, { limitInputPixels: false }))
  if (!source) return DAMAGED
  const { width, height } = source
  if (width * height > MAX_PIXELS)
    return bad('too-large', `It has ${width} × ${height} pixels; 52 million at most are taken.`)
  // Also of one that is long and narrow, when it is made smaller.
  const shrink = Math.min(1, MAX_SIDE / Math.max(width, height))
  if (Math.min(width, height) * shrink < MIN_SIDE)
    return bad(
      'too-small',
      `It has ${width} × ${height} pixels; ${MIN_SIDE} each way are the least.`,
    )
  try {
    const made = await asJpeg(open(path), MAX_SIDE, QUALITY).toFile(target)
    const facts = { bytes: made.size, width: made.width, height: made.height }
    return { kind: 'good', facts: { ...facts, source: { format, width, height } } }
  } catch (error) {
    // The disk is ours to mend; all else is what the bytes made of it.
    if (
      error instanceof Error &&
      /ENOSPC|No space left|unable to open for write/.test(error.message)
    )
      throw error
    return DAMAGED
  }
}

/** Of the photo as it is looked at. */
async function sizeOf(
  photo: Sharp,
): Promise<{ readonly width: number; readonly height: number } | undefined> {
  try {
    return (await photo.metadata()).autoOrient
  } catch {
    return undefined // Its head cannot be read.
  }
}

const asJpeg = (photo: Sharp, side: number, quality: number): Sharp =>
  photo
    .autoOrient()
    .resize({ width: side, height: side, fit: 'inside', withoutEnlargement: true })
    // What is seen through is seen on paper.
    .flatten({ background: '#ffffff' })
    .toColourspace('srgb')
    .jpeg({ quality })
    .timeout({ seconds: DEADLINE_SECONDS })

const loadersOf = (format: string): readonly string[] =>
  ['File', 'Buffer'].map((source) => `VipsForeignLoad${format}${source}`)

type OpenPhoto = (path: string, more?: SharpOptions) => Sharp

/** When it is first needed: it is large, and a machine may have none that runs on it. */
async function loadSharp(): Promise<OpenPhoto> {
  const { default: sharp } = await import('sharp')
  sharp.concurrency(1)
  sharp.cache(false)
  // It reads drawings, documents and much else: none of that here, whatever the bytes say.
  sharp.block({ operation: ['VipsForeignLoad'] })
  sharp.unblock({ operation: ['Jpeg', 'Png', 'Webp'].flatMap(loadersOf) })
  return (path, more) => sharp(path, { ...INPUT, ...more })
}
