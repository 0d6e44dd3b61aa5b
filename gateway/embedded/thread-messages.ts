// What passes between the starter and the worker thread.
import type { EmbeddedSipStats } from './counters.ts'
import type { ListenAddress } from './server-options.ts'

export type ToThread = { readonly kind: 'stats'; readonly id: number } | { readonly kind: 'close' }

export type FromThread =
  | {
      readonly kind: 'listening'
      readonly adminPort: number
      readonly addresses: readonly ListenAddress[]
    }
  | { readonly kind: 'failed'; readonly code: string | undefined; readonly message: string }
  | { readonly kind: 'stats'; readonly id: number; readonly stats: EmbeddedSipStats }
  | { readonly kind: 'fault'; readonly text: string }
