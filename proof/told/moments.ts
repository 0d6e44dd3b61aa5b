// The moments at which the process is killed: what the outside sees of it, and where the moment lies.

/** `before` we answer what it asked, `after` we have. */
export type Side = 'before' | 'after'

/** What the product did, as the outside sees it. */
export type Deed =
  /** A webhook came. */
  | { readonly kind: 'delivery'; readonly type: string; readonly side: Side }
  /** The vendor was asked. */
  | { readonly kind: 'vendor'; readonly path: string; readonly nth: number; readonly side: Side }

export interface Moment {
  readonly name: string
  /** Null: with the dial request itself, up to `spreadMs` later. */
  readonly isReached: ((deed: Deed) => boolean) | null
  readonly spreadMs: number
}

const delivered = (type: string, side: Side, spreadMs = 3): Moment => ({
  name: `${type} ${side === 'before' ? 'arrives' : 'is taken'}`,
  isReached: (deed) => deed.kind === 'delivery' && deed.type === type && deed.side === side,
  spreadMs,
})

const asked = (what: string, path: RegExp, nth: number, side: Side): Moment => ({
  name: `${what}, ${side === 'before' ? 'asked' : 'answered'} ${nth}`,
  isReached: (deed) =>
    deed.kind === 'vendor' && deed.side === side && deed.nth === nth && path.test(deed.path),
  spreadMs: 5,
})

const CONVERSATION = /^\/v1\/convai\/conversations\/[^/]+$/

export const MOMENTS: readonly Moment[] = [
  { name: 'dial request', isReached: null, spreadMs: 2 },
  { name: 'dial request, a little later', isReached: null, spreadMs: 15 },
  { name: 'dial request, later yet', isReached: null, spreadMs: 60 },
  delivered('call.created', 'before'),
  delivered('call.created', 'after'),
  delivered('call.dialing', 'before'),
  delivered('call.dialing', 'after'),
  delivered('call.ringing', 'before'),
  delivered('call.ringing', 'after'),
  delivered('call.answered', 'before'),
  delivered('call.answered', 'after', 400),
  delivered('agent.opened', 'before'),
  delivered('agent.opened', 'after', 900),
  delivered('agent.closed', 'before'),
  delivered('call.ended', 'before'),
  delivered('call.ended', 'after'),
  delivered('transcript.ready', 'after'),
  asked('conversation', CONVERSATION, 1, 'before'),
  asked('conversation', CONVERSATION, 1, 'after'),
  asked('conversation', CONVERSATION, 2, 'before'),
  asked('conversation', CONVERSATION, 2, 'after'),
  delivered('conversation.ready', 'before'),
  delivered('conversation.ready', 'after'),
]
