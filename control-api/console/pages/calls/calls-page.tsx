// Calls: all there ever were, narrowed, paged and live.
import type { ReactNode } from 'react'
import { Button, Group, NativeSelect, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Link } from 'wouter'
import { FoundPage } from '../../components/found-page.tsx'
import { Loaded } from '../../components/loaded.tsx'
import { PageFrame } from '../../components/page-frame.tsx'
import { useScrollBack } from '../../components/use-scroll-back.ts'
import { useCommon } from '../../words/common.ts'
import { decodeAsked, filterBody, LIMITS, type CallFilters } from './call-search.ts'
import { CallsTable } from './calls-table.tsx'
import { ExportMenu } from './export-menu.tsx'
import { FilterBar } from './filter-bar.tsx'
import { FilterChips } from './filter-chips.tsx'
import { foundCallsOptions, type FoundCalls } from './found-calls.ts'
import { NoCallsYet } from './no-calls-yet.tsx'
import { useCallSearch, type CallSearch } from './use-call-search.ts'
import { useCalls } from './words.ts'

export function Component() {
  const say = useCalls()
  const search = useCallSearch()
  const { filters, asked, pages } = search
  const body = filterBody(filters, decodeAsked(asked), new Date())
  const query = useQuery(foundCallsOptions({ ...body, limit: filters.limit, cursor: pages.cursor }))
  useScrollBack(search.scroll, query.data !== undefined)
  return (
    <PageFrame
      title={say('title')}
      actions={
        <>
          <ExportMenu filters={body} />
          <Button size="xs" component={Link} href="/dial">
            {say('dial')}
          </Button>
        </>
      }
    >
      <FilterBar {...search} />
      <FilterChips search={search} />
      <Loaded query={query}>
        {(found) => (
          <Found
            found={found}
            search={search}
            isNarrowed={Object.keys(body).length > 0}
            areEarlier={query.isPlaceholderData}
          />
        )}
      </Loaded>
    </PageFrame>
  )
}

interface FoundProps {
  readonly found: FoundCalls
  readonly search: CallSearch
  readonly isNarrowed: boolean
  readonly areEarlier: boolean
}

function Found({ found, search, isNarrowed, areEarlier }: FoundProps) {
  const say = useCalls()
  const { pages, clear } = search
  return (
    <FoundPage
      {...{ found, pages, areEarlier, isNarrowed, clear, say }}
      noneYet={<NoCallsYet />}
      foot={(pager) => <Foot search={search}>{pager}</Foot>}
    >
      <CallsTable calls={found.items} areEarlier={areEarlier} />
    </FoundPage>
  )
}

interface FootProps {
  readonly search: CallSearch
  /** The pager. */
  readonly children: ReactNode
}

function Foot({ search, children }: FootProps) {
  const common = useCommon()
  const { pages } = search
  return (
    <Group justify="space-between" gap="sm">
      <PageSize search={search} />
      <Group gap="xs">
        {pages.number > 2 && (
          <Button size="xs" variant="default" onClick={() => pages.restart()}>
            {common('first')}
          </Button>
        )}
        {children}
      </Group>
    </Group>
  )
}

function PageSize({ search: { filters, change } }: { readonly search: CallSearch }) {
  const say = useCalls()
  return (
    <Group gap="xs" component="label">
      <Text size="sm" c="dimmed" component="span">
        {say('per_page')}
      </Text>
      <NativeSelect
        size="xs"
        w={70}
        value={String(filters.limit)}
        onChange={(event) =>
          change({ filters: { limit: Number(event.currentTarget.value) as CallFilters['limit'] } })
        }
        data={LIMITS.map(String)}
      />
    </Group>
  )
}
