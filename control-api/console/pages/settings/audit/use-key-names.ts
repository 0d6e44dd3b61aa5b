// Whose key it was, by name: of the keys that are there, and of those that are no keys of the list.
import { useQuery } from '@tanstack/react-query'
import { listKeysOptions } from '../../../api/generated/@tanstack/react-query.gen.ts'
import { useAudit } from './words.ts'

const MOST = 100

export interface KeyNames {
  readonly nameOf: (keyId: string) => string
  readonly known: readonly { readonly id: string; readonly name: string }[]
}

export function useKeyNames(): KeyNames {
  const say = useAudit()
  const { data } = useQuery(listKeysOptions({ query: { limit: MOST } }))
  const known = [
    { id: 'bootstrap', name: say('bootstrap') },
    { id: 'rehearsal', name: say('rehearsal') },
    ...(data?.items ?? []).map(({ key_id: id, name }) => ({ id, name: name ?? id })),
  ]
  const names = new Map(known.map(({ id, name }) => [id, name]))
  return { known, nameOf: (id) => names.get(id) ?? say('gone_key', { id }) }
}
