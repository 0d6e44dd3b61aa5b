// What somebody is changing on an order, and what to do when the order is changed by others meanwhile. Pure.
import type { ChangeOrderData } from '../../api/generated/types.gen.ts'
import type { Order, OrderStatus } from '../orders/order-search.ts'

type Values = Pick<Order, 'status' | 'notes'>
/** The order as it was when the change was begun. */
export type Base = Values & Pick<Order, 'updated_at'>

export interface Draft {
  readonly status: OrderStatus
  /** As typed: empty is none. */
  readonly notes: string
  readonly base: Base
}

export const draftOf = ({ status, notes, updated_at }: Base): Draft => {
  return { status, notes: notes ?? '', base: { status, notes, updated_at } }
}

const keptNotes = (typed: string): string | null => (typed.trim() === '' ? null : typed.trim())

const saysStatus = ({ status, base }: Draft): boolean => status !== base.status
const saysNotes = ({ notes, base }: Draft): boolean => keptNotes(notes) !== base.notes

/** Whether saving it would change anything. */
export const isChange = (draft: Draft): boolean => saysStatus(draft) || saysNotes(draft)

/** What others changed since the change was begun; undefined: nothing that it could undo. */
export function newerValues({ base }: Draft, order: Base): Partial<Values> | undefined {
  // An answer on its way may be older than what is known.
  if (order.updated_at <= base.updated_at) return undefined
  const newer = {
    ...(order.status === base.status ? {} : { status: order.status }),
    ...(order.notes === base.notes ? {} : { notes: order.notes }),
  }
  return Object.keys(newer).length === 0 ? undefined : newer
}

/** One's own change, made to the order as it is now: what one did not touch is the others'. */
export const onto = (draft: Draft, order: Base): Draft => {
  const newest = draftOf(order)
  return {
    ...newest,
    ...(saysStatus(draft) ? { status: draft.status } : {}),
    ...(saysNotes(draft) ? { notes: draft.notes } : {}),
  }
}

/** On top of what is known, where nobody changed anything that it could undo. */
export const current = (draft: Draft, order: Base): Draft =>
  order.updated_at > draft.base.updated_at && newerValues(draft, order) === undefined
    ? onto(draft, order)
    : draft

export function bodyOf(draft: Draft): ChangeOrderData['body'] {
  const { status, notes, base } = draft
  return {
    status,
    ...(saysNotes(draft) ? { notes: keptNotes(notes) } : {}),
    updated_at: base.updated_at,
  }
}
