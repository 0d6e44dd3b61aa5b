// Who is dialled next when a trunk's INVITE fails: what the rule says, written down status by status. Not taken from the
// code: a callee who said no, was busy, was not there or has no such number is asked once; a trunk that could not bring
// the call there is followed by the next one, early media or not, since nobody heard it; and a phone that rang is rung
// again only when the network failed, not when its owner let it ring.

/** What came before the final answer. */
export const BEFORE = ['nothing', '180', '183'] as const
export type Before = (typeof BEFORE)[number]

export type Next = 'next trunk' | 'nobody'

interface Row {
  readonly status: number
  readonly why: string
  readonly next: Readonly<Record<Before, Next>>
}

const row = (status: number, why: string, nothing: Next, rung = nothing, early = nothing): Row => ({
  status,
  why,
  next: { nothing, 180: rung, 183: early },
})

const NOBODY = 'nobody'
const NEXT = 'next trunk'

export const FAILOVER: readonly Row[] = [
  row(302, 'redirects are not followed, and a number that moved has moved', NOBODY),
  row(400, 'the trunk does not understand us', NEXT, NOBODY),
  row(401, 'credentials', NEXT, NOBODY),
  row(402, 'our account there', NEXT, NOBODY),
  row(403, 'the trunk refuses', NEXT, NOBODY),
  row(404, 'nobody has the number', NOBODY),
  row(405, 'the trunk', NEXT, NOBODY),
  row(407, 'credentials', NEXT, NOBODY),
  row(408, 'the trunk could not reach anybody; after ringing: nobody picked up', NEXT, NOBODY),
  row(410, 'the number is gone', NOBODY),
  row(415, 'the trunk', NEXT, NOBODY),
  row(420, 'the trunk', NEXT, NOBODY),
  row(480, 'the callee is not there', NOBODY),
  row(481, 'the trunk lost the call', NEXT, NOBODY),
  row(482, 'a loop on the way', NEXT, NOBODY),
  row(483, 'too many hops on the way', NEXT, NOBODY),
  row(484, 'the number is not whole', NOBODY),
  row(485, 'the number is ambiguous', NOBODY),
  row(486, 'the callee is busy', NOBODY),
  row(487, 'the callee’s side took it back', NOBODY),
  row(488, 'the trunk speaks other codecs', NEXT, NOBODY),
  row(500, 'the network failed', NEXT),
  row(501, 'the network failed', NEXT),
  row(502, 'the network failed', NEXT),
  row(503, 'the network failed', NEXT),
  row(504, 'the network failed', NEXT),
  row(505, 'the network failed', NEXT),
  row(513, 'the network failed', NEXT),
  row(580, 'the network failed', NEXT),
  row(600, 'the callee is busy', NOBODY),
  row(603, 'the callee declined', NOBODY),
  row(604, 'nobody has the number anywhere', NOBODY),
  row(606, 'the callee wants other media', NOBODY),
  row(607, 'the callee does not want this', NOBODY),
  row(608, 'somebody for the callee does not want this', NOBODY),
]

interface CauseRow {
  readonly status: number
  readonly q850: number
  readonly why: string
  readonly next: Next
}

/** Telephony's own words are finer than the status (RFC 3326), after a 183. */
export const CAUSES: readonly CauseRow[] = [
  { status: 503, q850: 17, why: 'user busy', next: NOBODY },
  { status: 500, q850: 21, why: 'call rejected', next: NOBODY },
  { status: 503, q850: 1, why: 'unallocated number', next: NOBODY },
  { status: 500, q850: 19, why: 'no answer', next: NOBODY },
  { status: 503, q850: 34, why: 'no circuit', next: NEXT },
  { status: 404, q850: 3, why: 'no route to the destination', next: NEXT },
  { status: 480, q850: 41, why: 'temporary failure', next: NEXT },
]
