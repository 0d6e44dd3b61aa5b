// What fetching a transcript or the audio of a call came to.
import { Type, type Static } from '@fastify/type-provider-typebox'

const strict = { additionalProperties: false }

export const fetchedSchema = Type.Object(
  {
    result: Type.Enum(['stored', 'held', 'not-yet', 'none', 'failed'], {
      description:
        'stored: it came; held: it was here; not-yet: ask again later; none: there is none to be had; failed: see `detail`',
    }),
    detail: Type.Union([Type.String(), Type.Null()]),
  },
  strict,
)

export type Fetched = Static<typeof fetchedSchema>

export const fetched = (result: Fetched['result'], detail: string | null = null): Fetched => ({
  result,
  detail,
})

/** Nothing of it is missing, or ever will be here. */
export const isSettled = ({ result }: Fetched): boolean =>
  result === 'stored' || result === 'held' || result === 'none'
