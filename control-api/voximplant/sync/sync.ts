// What a synchronisation is.

/** `history`: calls of a range of time; `pending`: transcripts and audio that are not here. */
export type SyncKind = 'history' | 'pending'
/** Somebody asked for it, or the clock. */
export type SyncOrigin = 'asked' | 'sweep'
export const SYNC_STATES = ['running', 'done', 'failed', 'canceled'] as const
export type SyncState = (typeof SYNC_STATES)[number]
