// The photos and videos that are kept, and how they come in. Interface between uploads, animations and their routes.
import type { Compilable, Expression, Insertable, Selectable } from 'kysely'
import type { MediaItemsTable } from '../../db/schema.ts'
import type { NormalisedPhoto } from '../photo/photo-facts.ts'

export type MediaItemRow = Selectable<MediaItemsTable>

export interface NewPhoto {
  /** A file of this machine, as it came; it is gone afterwards. */
  readonly path: string
  readonly memorialId: string | null
  readonly origin: 'upload' | 'link'
  readonly originalName: string | null
  /** Whose key asked. */
  readonly createdBy: string
}

export type AddedPhoto =
  | { readonly kind: 'added'; readonly item: MediaItemRow }
  | Extract<NormalisedPhoto, { readonly kind: 'bad' }>

/** A video that is in this machine's work folder, checked already. */
export type NewVideoItem = Omit<
  Insertable<MediaItemsTable>,
  | 'state'
  | 'web_key'
  | 'web_bytes'
  | 'web_sha256'
  | 'transcode_state'
  | 'transcode_progress'
  | 'transcode_error'
>

export interface MediaLibrary {
  /** Undefined also for one that is being deleted. */
  find(mediaId: string): Promise<MediaItemRow | undefined>
  /** Normalises, stores, and keeps it. @throws AppError `STORAGE_UNAVAILABLE`, `MEDIA_BUSY` */
  addPhoto(photo: NewPhoto, signal: AbortSignal): Promise<AddedPhoto>
  /**
   * To be written with what it came of, when its files are in the store; announce with `changed` afterwards.
   * @param cause a query: where it finds nothing by then, nothing is added
   */
  itemAdded(item: NewVideoItem, cause: Expression<unknown>): Compilable
  /** Tells whoever listens. */
  changed(mediaId: string): void
  /** The file of a photo as a file of this machine. @throws AppError `STORAGE_UNAVAILABLE`, `NOT_FOUND` */
  copyOut(item: MediaItemRow, target: string, signal: AbortSignal): Promise<void>
}

/** What their keys in the store begin with: what no row names there, belongs to nobody. */
export const MEDIA_PREFIX = 'media/'
