// Which changes: what, by whom, on which days.
import { Box, NativeSelect, SimpleGrid, TextInput } from '@mantine/core'
import { ACTIONS, actionKey } from './actions.ts'
import type { KeyNames } from './use-key-names.ts'
import { useAudit } from './words.ts'

export interface AuditFilters {
  /** Empty, as all of them: any. */
  readonly action: string
  readonly keyId: string
  readonly from: string
  readonly to: string
}
export const NO_FILTERS: AuditFilters = { action: '', keyId: '', from: '', to: '' }

interface AuditFiltersBarProps {
  readonly filters: AuditFilters
  readonly keys: KeyNames
  readonly change: (changes: Partial<AuditFilters>) => void
}

export function AuditFiltersBar({ filters, keys, change }: AuditFiltersBarProps) {
  const say = useAudit()
  const day = (name: 'from' | 'to') => (
    <TextInput
      size="xs"
      type="date"
      label={say(name)}
      value={filters[name]}
      onChange={(event) => change({ [name]: event.currentTarget.value })}
    />
  )
  return (
    <Box role="group" aria-label={say('filters')}>
      <SimpleGrid cols={{ base: 2, sm: 4 }} spacing="sm" verticalSpacing="xs">
        <NativeSelect
          size="xs"
          label={say('action')}
          value={filters.action}
          onChange={(event) => change({ action: event.currentTarget.value })}
          data={[
            { value: '', label: say('any_action') },
            ...ACTIONS.map((value) => ({ value, label: say(actionKey(value)) })),
          ]}
        />
        <NativeSelect
          size="xs"
          label={say('key')}
          value={filters.keyId}
          onChange={(event) => change({ keyId: event.currentTarget.value })}
          data={[
            { value: '', label: say('any_key') },
            ...keys.known.map(({ id, name }) => ({ value: id, label: name })),
          ]}
        />
        {day('from')}
        {day('to')}
      </SimpleGrid>
    </Box>
  )
}
