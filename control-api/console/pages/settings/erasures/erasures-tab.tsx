// Erasing a number: the form, every erasure there was, and the receipt of one at its own address.
import { Stack, Text } from '@mantine/core'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { Link, useParams } from 'wouter'
import { getErasuresOptions } from '../../../api/generated/@tanstack/react-query.gen.ts'
import { Pager, useCursorPages } from '../../../components/cursor-pages.tsx'
import { DataTable, type Column } from '../../../components/data-table.tsx'
import { Empty, Loaded } from '../../../components/loaded.tsx'
import { Moment } from '../../../components/moment.tsx'
import { NeedsRole } from '../../../components/needs-role.tsx'
import { useLive } from '../../../live/live.tsx'
import { useMay } from '../../../session/session.tsx'
import { moment, number } from '../../../words/amounts.ts'
import { Section } from '../section.tsx'
import { TABS } from '../tab-paths.ts'
import { EraseForm } from './erase-form.tsx'
import { ErasureState, type Erasure } from './erasure-state.tsx'
import { hearErasures } from './fresh-erasures.ts'
import { Receipt } from './receipt.tsx'
import { WhatGoes } from './what-goes.tsx'
import { useErasures } from './words.ts'

export function ErasuresTab() {
  const { erasure_id: id } = useParams()
  useLive(hearErasures)
  return id === undefined ? <AllErasures /> : <OneErasure erasureId={id} />
}

function OneErasure({ erasureId }: { readonly erasureId: string }) {
  const say = useErasures()
  return (
    <NeedsRole role="admin" about={say('about_role')}>
      <Receipt erasureId={erasureId} />
    </NeedsRole>
  )
}

function AllErasures() {
  const say = useErasures()
  const may = useMay('admin')
  return (
    <Stack>
      <NeedsRole role="admin" about={say('about_role')}>
        <Section title={say('title')} about={say('about')}>
          <EraseForm />
        </Section>
      </NeedsRole>
      <Section title={say('goes_and_stays')}>
        <WhatGoes />
      </Section>
      {may && <ErasureList />}
    </Stack>
  )
}

const PAGE = 20

function ErasureList() {
  const say = useErasures()
  const pages = useCursorPages()
  const { cursor } = pages
  const query = useQuery({
    ...getErasuresOptions({ query: { limit: PAGE, ...(cursor === undefined ? {} : { cursor }) } }),
    placeholderData: keepPreviousData,
  })
  return (
    <Section title={say('list_title')} isCard={false}>
      <Loaded query={query}>
        {({ items, next_cursor: nextCursor }) =>
          items.length === 0 && pages.number === 1 ? (
            <Empty title={say('none')} />
          ) : (
            <>
              <ErasureTable items={items} />
              <Pager pages={pages} nextCursor={nextCursor} />
            </>
          )
        }
      </Loaded>
    </Section>
  )
}

function ErasureTable({ items }: { readonly items: readonly Erasure[] }) {
  const say = useErasures()
  const columns: readonly Column<Erasure>[] = [
    { key: 'when', title: say('when'), cell: (one) => <Moment at={one.created_at} /> },
    { key: 'state', title: say('state'), cell: ({ state }) => <ErasureState state={state} /> },
    {
      ...{ key: 'calls', title: say('calls'), isNumber: true },
      cell: ({ erased }) => number(erased.calls),
    },
    { key: 'reason', title: say('reason'), cell: ({ reason }) => reason ?? say('reason_none') },
    { key: 'finished', title: say('finished'), cell: (one) => <Moment at={one.finished_at} /> },
    {
      ...{ key: 'open', title: say('receipt_column') },
      cell: ({ erasure_id: id, created_at: at }) => (
        <Text
          component={Link}
          href={`${TABS.erasures}/${id}`}
          size="sm"
          c="var(--mantine-color-anchor)"
          aria-label={say('open_of', { at: moment(at) })}
        >
          {say('open')}
        </Text>
      ),
    },
  ]
  return (
    <DataTable
      label={say('list')}
      columns={columns}
      items={items}
      keyOf={({ erasure_id: id }) => id}
    />
  )
}
