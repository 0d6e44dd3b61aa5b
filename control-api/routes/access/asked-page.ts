// Which page of a list was asked for, and the answer's next_cursor.
import { Type, type Static, type TObject } from '@fastify/type-provider-typebox'
import { AppError } from '#core/errors'
import type { ListedBy, PageCursors } from '../../calls/page-cursor.ts'

const DEFAULT_LIMIT = 50

/** Of a querystring. */
export const pageFields = {
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 100, default: DEFAULT_LIMIT })),
  cursor: Type.Optional(
    Type.String({
      maxLength: 256,
      description: '`next_cursor` of the page before, with the same filters',
    }),
  ),
}

export const nextCursorSchema = Type.Union([Type.String(), Type.Null()], {
  description: 'For the next page, with the same filters; null on the last',
})

export interface AskedPage<Row> {
  readonly cursors: PageCursors
  readonly listed: ListedBy
  readonly read: (after: number | null, limit: number) => Promise<readonly Row[]>
  readonly positionOf: (row: Row) => number
}

/** @throws AppError `REQUEST_INVALID` for a cursor that is not of this list. */
export async function readPage<Row>(
  { limit = DEFAULT_LIMIT, cursor }: Static<TObject<typeof pageFields>>,
  { cursors, listed, read, positionOf }: AskedPage<Row>,
): Promise<{ readonly rows: readonly Row[]; readonly nextCursor: string | null }> {
  const after = cursor === undefined ? null : decodeCursor(cursor, listed, cursors)
  // One more than is shown, to know whether there is more.
  const found = await read(after, limit + 1)
  const rows = found.slice(0, limit)
  const last = rows.at(-1)
  const isMore = found.length > limit && last !== undefined
  return { rows, nextCursor: isMore ? cursors.write(listed, positionOf(last)) : null }
}

function decodeCursor(cursor: string, listed: ListedBy, cursors: PageCursors): number {
  const read = cursors.read(listed, cursor)
  switch (read.kind) {
    case 'position':
      return read.position
    case 'forged':
      throw wrongCursor('is not one of next_cursor')
    case 'other-list':
      throw wrongCursor('belongs to other filters: begin again without it')
    default:
      return read satisfies never
  }
}

const wrongCursor = (what: string): AppError =>
  new AppError('REQUEST_INVALID', `cursor ${what}.`, { details: { field: 'cursor' } })
