// Positions in the list of calls that nobody has (calls/call-position.ts): a second of the history may have many calls.
import type { Database } from '../../db/database.ts'

/**
 * Moves those that two of the rows share, and those that `isTaken` by others, on to the next free one.
 * @throws RangeError where whole numbers have gaps: the next one of such a position may be itself
 */
export function spreadPositions<Row extends { readonly position: number }>(
  rows: readonly Row[],
  isTaken: (position: number) => boolean = () => false,
): Row[] {
  const own = new Set<number>()
  return rows.map((row) => {
    let { position } = row
    while (own.has(counted(position)) || isTaken(position)) position += 1
    own.add(position)
    return position === row.position ? row : { ...row, position }
  })
}

function counted(position: number): number {
  if (!Number.isSafeInteger(position)) throw new RangeError('no place in the list of calls')
  return position
}

/** So far behind a position that is taken, a free one is looked for. */
const REACH = 1000

/** The positions that are taken where these rows want to stand, and just behind. */
export async function takenPositions(
  query: Database['query'],
  rows: readonly { readonly position: number }[],
): Promise<ReadonlySet<number>> {
  const wanted = rows.map(({ position }) => position)
  const hit = await query
    .selectFrom('calls')
    .select('position')
    .where('position', 'in', wanted)
    .execute()
  const taken = new Set<number>()
  for (const { position } of hit) {
    const near = await query
      .selectFrom('calls')
      .select('position')
      .where('position', '>=', position)
      .where('position', '<', position + REACH)
      .execute()
    for (const one of near) taken.add(one.position)
  }
  return taken
}
