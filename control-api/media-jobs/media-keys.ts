// Names of media: their ids, and their keys in the store.
import { randomBytes } from 'node:crypto'

export const newMediaId = (): string => `med_${randomBytes(12).toString('hex')}`
export const newTaskId = (): string => `ani_${randomBytes(12).toString('hex')}`

/** Such as `media/med_….mp4`, `media/med_….preview.jpg`, `media/med_….web.mp4`. */
export const mediaKey = (mediaId: string, ending: string): string => `media/${mediaId}.${ending}`
