// What was, is and will be delivered to one endpoint, and what came of it.
import { useState } from 'react'
import { Code, Group, SegmentedControl, Stack, Text, Title } from '@mantine/core'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { Link } from 'wouter'
import { listDeliveriesOptions } from '../../api/generated/@tanstack/react-query.gen.ts'
import { replayWebhook } from '../../api/generated/sdk.gen.ts'
import type { GetWebhookResponse } from '../../api/generated/types.gen.ts'
import { ConfirmButton } from '../../components/confirm-button.tsx'
import { Pager, useCursorPages } from '../../components/cursor-pages.tsx'
import { DataTable, type Column } from '../../components/data-table.tsx'
import { Empty, Loaded } from '../../components/loaded.tsx'
import { Moment } from '../../components/moment.tsx'
import { duration, moment, number } from '../../words/amounts.ts'
import { DeliveryState, type Delivery } from '../webhooks/delivery-state.tsx'
import { refreshWebhooks } from '../webhooks/fresh-webhooks.ts'
import { DeliveryAnswer } from './delivery-answer.tsx'
import { Replay } from './replay.tsx'
import { useWebhook } from './words.ts'

interface DeliveriesProps {
  readonly endpoint: GetWebhookResponse
  readonly unavailable: string | undefined
}

const STATES = ['all', 'waiting', 'delivered', 'dead'] as const
type Filter = (typeof STATES)[number]
const PAGE = 25

export function Deliveries({ endpoint, unavailable }: DeliveriesProps) {
  const say = useWebhook()
  const [filter, setFilter] = useState<Filter>('all')
  const pages = useCursorPages()
  const { cursor } = pages
  const query = useQuery({
    ...listDeliveriesOptions({
      path: { endpoint_id: endpoint.endpoint_id },
      query: {
        limit: PAGE,
        ...(filter === 'all' ? {} : { state: filter }),
        ...(cursor === undefined ? {} : { cursor }),
      },
    }),
    placeholderData: keepPreviousData,
  })
  const choose = (value: string): void => {
    setFilter(STATES.find((one) => one === value) ?? 'all')
    pages.restart()
  }
  return (
    <Stack component="section" aria-label={say('deliveries')}>
      <Title order={2} size="h4">
        {say('deliveries')}
      </Title>
      <Group justify="space-between" gap="sm">
        <SegmentedControl
          size="xs"
          aria-label={say('state_filter')}
          value={filter}
          onChange={choose}
          data={STATES.map((value) => ({ value, label: say(value) }))}
        />
        <Replay endpoint={endpoint} unavailable={unavailable} />
      </Group>
      <Loaded query={query}>
        {({ items, next_cursor: nextCursor }) => (
          <>
            {items.length === 0 ? (
              <NoDeliveries isFiltered={filter !== 'all'} />
            ) : (
              <DeliveryTable items={items} unavailable={unavailable} />
            )}
            <Pager pages={pages} nextCursor={nextCursor} />
          </>
        )}
      </Loaded>
      <Text size="xs" c="dimmed" maw={720}>
        {say('payload')}
      </Text>
    </Stack>
  )
}

function NoDeliveries({ isFiltered }: { readonly isFiltered: boolean }) {
  const say = useWebhook()
  if (isFiltered) return <Empty title={say('none_of_state')} />
  return <Empty title={say('none')}>{say('none_hint')}</Empty>
}

interface DeliveryTableProps {
  readonly items: readonly Delivery[]
  readonly unavailable: string | undefined
}

function DeliveryTable({ items, unavailable }: DeliveryTableProps) {
  const say = useWebhook()
  const columns: readonly Column<Delivery>[] = [
    {
      key: 'event',
      title: say('event'),
      cell: ({ type, event_id: id }) => <Code title={id}>{type}</Code>,
    },
    { key: 'call', title: say('call'), cell: (delivery) => <OfCall {...delivery} /> },
    { key: 'state', title: say('state'), cell: ({ state }) => <DeliveryState state={state} /> },
    {
      ...{ key: 'attempts', title: say('attempts'), isNumber: true },
      cell: ({ attempts }) => number(attempts),
    },
    { key: 'answer', title: say('answer'), cell: (one) => <DeliveryAnswer delivery={one} /> },
    { key: 'when', title: say('when'), cell: (one) => <When delivery={one} /> },
    {
      key: 'again',
      title: say('action'),
      cell: (one) => <SendAgain delivery={one} unavailable={unavailable} />,
    },
  ]
  return (
    <DataTable
      label={say('list')}
      columns={columns}
      items={items}
      keyOf={({ delivery_id: id }) => id}
    />
  )
}

const LAST_LETTERS = 6

function OfCall({ call_id: id }: Pick<Delivery, 'call_id'>) {
  const say = useWebhook()
  if (id === null)
    return (
      <Text component="span" size="sm" c="dimmed">
        {say('no_call')}
      </Text>
    )
  return (
    <Text
      component={Link}
      href={`/calls/${id}`}
      size="sm"
      c="var(--mantine-color-anchor)"
      title={id}
    >
      …{id.slice(-LAST_LETTERS)}
    </Text>
  )
}

/** When the event came to be delivered, and what follows from how it stands. */
function When({ delivery }: { readonly delivery: Delivery }) {
  const say = useWebhook()
  const { state, created_at: created, delivered_at: delivered, next_attempt_at: next } = delivery
  const after =
    delivered === null ? null : Math.max(0, (Date.parse(delivered) - Date.parse(created)) / 1000)
  const more =
    after !== null
      ? say('taken_after', { duration: duration(after) })
      : state === 'dead'
        ? say('given_up')
        : next !== null && say('next_try', { at: moment(next) })
  return (
    <>
      <Moment at={created} />
      <Text size="xs" c="dimmed">
        {more}
      </Text>
    </>
  )
}

function SendAgain({
  delivery,
  unavailable,
}: {
  readonly delivery: Delivery
  readonly unavailable: string | undefined
}) {
  const say = useWebhook()
  const { endpoint_id: endpointId, delivery_id: id, type, created_at: created } = delivery
  const name = say('one_delivery', { type, at: moment(created) })
  return (
    <ConfirmButton
      size="compact-xs"
      color="signal"
      variant="default"
      label={say('again')}
      ariaLabel={`${say('again')}: ${name}`}
      unavailable={unavailable}
      consequences={
        <>
          <Text size="sm" fw={600}>
            {name}
          </Text>
          <Text size="sm">{say('again_what')}</Text>
        </>
      }
      act={() => replayWebhook({ path: { endpoint_id: endpointId }, body: { delivery_id: id } })}
      done={say('again_done')}
      onDone={() => void refreshWebhooks()}
    />
  )
}
