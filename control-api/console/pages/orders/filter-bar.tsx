// Which orders: by number, status, and the days on which they were named first.
import { Box, Button, Group, NativeSelect, SimpleGrid } from '@mantine/core'
import type { KeptSearch } from '../../components/kept-search.ts'
import { useCommon } from '../../words/common.ts'
import { isDay } from '../calls/call-search.ts'
import { TypedFilter } from '../calls/typed-filter.tsx'
import { asStatus, isNarrowed, MAX_NUMBER, STATUSES, type OrderFilters } from './order-search.ts'
import { useOrders } from './words.ts'

const orNothing = (text: string): string | undefined => (text === '' ? undefined : text)
const isWholeDay = (text: string): boolean => text === '' || isDay(text)

export function FilterBar({ search }: { readonly search: KeptSearch<OrderFilters> }) {
  const say = useOrders()
  const common = useCommon()
  const { filters, asked, change, clear } = search
  const day = (name: 'from' | 'to') => (
    <TypedFilter
      label={say(name)}
      type="date"
      value={filters[name] ?? ''}
      isReady={isWholeDay}
      onAsk={(text) => change({ filters: { [name]: orNothing(text) } })}
    />
  )
  return (
    <Box role="group" aria-label={say('filters')}>
      <SimpleGrid cols={{ base: 2, sm: 4 }} spacing="sm" verticalSpacing="xs">
        <TypedFilter
          label={say('number_or_end')}
          value={asked}
          maxLength={MAX_NUMBER}
          onAsk={(text) => change({ asked: text })}
        />
        <NativeSelect
          size="xs"
          label={say('status')}
          value={filters.status ?? ''}
          onChange={(event) => change({ filters: { status: asStatus(event.currentTarget.value) } })}
          data={[
            { value: '', label: say('any') },
            ...STATUSES.map((value) => ({ value, label: say(value) })),
          ]}
        />
        {day('from')}
        {day('to')}
      </SimpleGrid>
      {isNarrowed(filters, asked) && (
        <Group mt="xs">
          <Button size="compact-sm" variant="subtle" onClick={clear}>
            {common('clear')}
          </Button>
        </Group>
      )}
    </Box>
  )
}
