// Where the one dialog of the page is opened from: a photo anywhere on it, or none that is chosen yet.
import { createContext } from 'react'
import type { Media } from '../shapes.ts'

export interface AnimateStart {
  readonly photo: Media | null
}

export const AnimateContext = createContext<(start: AnimateStart) => void>(() => undefined)
