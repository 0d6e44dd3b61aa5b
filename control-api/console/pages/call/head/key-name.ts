// Whose key it was: its name where one may know it, else its id.
import { useQuery } from '@tanstack/react-query'
import { listKeysOptions } from '../../../api/generated/@tanstack/react-query.gen.ts'
import { useMay } from '../../../session/session.tsx'

/** Null of nobody's. */
export function useKeyName(keyId: string | null): string | null {
  const may = useMay('admin')
  const { data } = useQuery({ ...listKeysOptions(), enabled: may && keyId !== null })
  if (keyId === null) return null
  return data?.items.find(({ key_id: id }) => id === keyId)?.name ?? keyId
}
