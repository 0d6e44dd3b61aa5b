// Orders: all that callers confirmed, narrowed, paged and live.
import { Button, Group, Loader, Stack, Text } from '@mantine/core'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { listOrdersOptions } from '../../api/generated/@tanstack/react-query.gen.ts'
import type { ListOrdersResponse } from '../../api/generated/types.gen.ts'
import { Pager } from '../../components/cursor-pages.tsx'
import { useKeptSearch, type KeptSearch } from '../../components/kept-search.ts'
import { Empty, Loaded } from '../../components/loaded.tsx'
import { PageFrame } from '../../components/page-frame.tsx'
import { useScrollBack } from '../../components/use-scroll-back.ts'
import { useLive } from '../../live/live.tsx'
import { useCommon } from '../../words/common.ts'
import { FilterBar } from './filter-bar.tsx'
import { hearOrders } from './fresh-orders.ts'
import { NoOrdersYet } from './no-orders-yet.tsx'
import {
  isNarrowed,
  orderQuery,
  readFilters,
  writeFilters,
  type OrderFilters,
} from './order-search.ts'
import { OrdersTable } from './orders-table.tsx'
import { useOrders } from './words.ts'

const KEPT = { read: readFilters, write: writeFilters, cleared: (): OrderFilters => ({}) }

export function Component() {
  const say = useOrders()
  const search = useKeptSearch(KEPT)
  const { filters, asked, pages } = search
  useLive(hearOrders)
  const query = useQuery({
    ...listOrdersOptions({ query: orderQuery(filters, asked, pages.cursor) }),
    placeholderData: keepPreviousData,
  })
  useScrollBack(search.scroll, query.data !== undefined)
  return (
    <PageFrame title={say('title')}>
      <FilterBar search={search} />
      <Loaded query={query}>
        {(found) => <Found found={found} search={search} areEarlier={query.isPlaceholderData} />}
      </Loaded>
    </PageFrame>
  )
}

interface FoundProps {
  readonly found: ListOrdersResponse
  readonly search: KeptSearch<OrderFilters>
  readonly areEarlier: boolean
}

function Found({ found, search, areEarlier }: FoundProps) {
  const say = useOrders()
  const { items, next_cursor: nextCursor } = found
  const { pages, filters, asked, clear } = search
  if (items.length === 0 && !areEarlier && pages.number === 1)
    return isNarrowed(filters, asked) ? <NoneFound clear={clear} /> : <NoOrdersYet />
  return (
    <Stack gap="xs">
      <Group gap="xs" mih={22} role="status">
        {areEarlier && <Loader size={14} />}
        <Text size="sm" c="dimmed">
          {say(areEarlier ? 'searching' : pages.number === 1 ? 'live' : 'past')}
        </Text>
      </Group>
      <OrdersTable orders={items} areEarlier={areEarlier} />
      <Pager pages={pages} nextCursor={areEarlier ? null : nextCursor} />
    </Stack>
  )
}

function NoneFound({ clear }: { readonly clear: () => void }) {
  const say = useOrders()
  const common = useCommon()
  return (
    <Empty title={say('none_found')}>
      <Stack align="center" gap="sm">
        {say('none_found_hint')}
        <Button variant="default" size="xs" onClick={clear}>
          {common('clear')}
        </Button>
      </Stack>
    </Empty>
  )
}
