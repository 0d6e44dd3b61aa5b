// What is known of a photo, once it is normalised: upright, without EXIF, at most 1920 px, JPEG.

export interface PhotoFacts {
  readonly bytes: number
  readonly width: number
  readonly height: number
  /** What it was when it came. */
  readonly source: { readonly format: string; readonly width: number; readonly height: number }
}

export type NormalisedPhoto =
  | { readonly kind: 'good'; readonly facts: PhotoFacts }
  | {
      readonly kind: 'bad'
      /** `not-a-photo`: its content is of no type we take; the others are. */
      readonly fault: 'not-a-photo' | 'damaged' | 'too-small' | 'too-large'
      readonly message: string
    }
