// Orders: all that callers confirmed, narrowed, paged and live.
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { listOrdersOptions } from '../../api/generated/@tanstack/react-query.gen.ts'
import type { ListOrdersResponse } from '../../api/generated/types.gen.ts'
import { FoundPage } from '../../components/found-page.tsx'
import { useKeptSearch, type KeptSearch } from '../../components/kept-search.ts'
import { Loaded } from '../../components/loaded.tsx'
import { PageFrame } from '../../components/page-frame.tsx'
import { useScrollBack } from '../../components/use-scroll-back.ts'
import { useLive } from '../../live/live.tsx'
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
  const { pages, filters, asked, clear } = search
  return (
    <FoundPage
      {...{ found, pages, areEarlier, clear, say }}
      isNarrowed={isNarrowed(filters, asked)}
      noneYet={<NoOrdersYet />}
    >
      <OrdersTable orders={found.items} areEarlier={areEarlier} />
    </FoundPage>
  )
}
