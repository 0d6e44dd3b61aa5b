// Which calls are counted, read from an address and written to it. Pure.
import { MAX_APPLICATION } from '../calls/call-search.ts'
import { readView, writeView, type View } from '../statistics/period.ts'

export interface FiguresView extends View {
  /** Absent: of all applications. */
  readonly application_id?: string
}

export function readFiguresView(query: string): FiguresView {
  const { range, from, to } = readView(query)
  const id = (new URLSearchParams(query).get('application_id') ?? '').slice(0, MAX_APPLICATION)
  return {
    ...(range === undefined ? { from, to } : { range }),
    group: 'day',
    ...(id === '' ? {} : { application_id: id }),
  }
}

/** With the question mark, or nothing. */
export function writeFiguresView({ application_id: id, ...view }: FiguresView): string {
  const query = new URLSearchParams(writeView({ ...view, group: 'day' }))
  if (id !== undefined) query.set('application_id', id)
  return query.size === 0 ? '' : `?${query.toString()}`
}
