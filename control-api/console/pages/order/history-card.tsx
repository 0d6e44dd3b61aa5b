// All that happened to an order: what, when, by whom; newest first.
import { Anchor, Card, Group, Stack, Text, Title } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Link } from 'wouter'
import { listKeysOptions } from '../../api/generated/@tanstack/react-query.gen.ts'
import { DataTable, type Column } from '../../components/data-table.tsx'
import { Moment } from '../../components/moment.tsx'
import { useMay, useSession } from '../../session/session.tsx'
import { moment } from '../../words/amounts.ts'
import { asStatus } from '../orders/order-search.ts'
import { OrderStatusBadge } from '../orders/order-status.tsx'
import type { HistoryLine, OneOrder } from './order-history.ts'
import classes from './order.module.css'
import { useOrder } from './words.ts'

const MOST_KEYS = 100

export function HistoryCard({ order }: { readonly order: OneOrder }) {
  const say = useOrder()
  const whoOf = useWho()
  const lines = order.history.map((line, index) => ({ line, key: String(index) })).toReversed()
  const columns: readonly Column<(typeof lines)[number]>[] = [
    { key: 'at', title: say('when'), cell: ({ line }) => <When line={line} /> },
    { key: 'what', title: say('what'), cell: ({ line }) => <What line={line} /> },
    { key: 'who', title: say('who'), cell: ({ line }) => whoOf(line.who) },
    {
      key: 'call',
      title: say('call'),
      cell: ({ line }) => line.call_id && <ToCall id={line.call_id} at={line.at} />,
    },
  ]
  return (
    <Card withBorder component="section" aria-labelledby="history-title">
      <Stack gap="xs">
        <Title order={2} size="h4" id="history-title">
          {say('history')}
        </Title>
        <DataTable
          label={say('history')}
          columns={columns}
          items={lines}
          keyOf={({ key }) => key}
        />
      </Stack>
    </Card>
  )
}

const When = ({ line }: { readonly line: HistoryLine }) => (
  <span className={classes['line']}>
    <Moment at={line.at} />
  </span>
)

function What({ line: { kind, from, to } }: { readonly line: HistoryLine }) {
  const say = useOrder()
  switch (kind) {
    case 'confirmed':
      return say('was_confirmed')
    case 'imported':
      return say('was_imported')
    case 'status':
      return (
        <Group component="span" gap={6} justify="inherit">
          <Status value={from} />
          <span aria-hidden="true">→</span>
          <Status value={to} />
        </Group>
      )
    case 'notes':
      return (
        <>
          {say(to === null ? 'notes_removed' : from === null ? 'notes_added' : 'notes_changed')}
          {to !== null && (
            <Text span size="sm" c="dimmed" display="block" className={classes['notes']}>
              {to}
            </Text>
          )}
        </>
      )
    default:
      return kind satisfies never
  }
}

function Status({ value }: { readonly value: string | null }) {
  const status = asStatus(value)
  return status === undefined ? value : <OrderStatusBadge status={status} />
}

function ToCall({ id, at }: { readonly id: string; readonly at: string }) {
  const say = useOrder()
  const label = say('call_at', { when: moment(at) })
  return (
    <Anchor
      component={Link}
      href={`/calls/${id}`}
      size="sm"
      aria-label={label}
      className={classes['line']}
    >
      {say('to_call')}
    </Anchor>
  )
}

/** The key's name where one may know it, else its id. */
function useWho(): (who: string) => string {
  const say = useOrder()
  const session = useSession()
  const may = useMay('admin')
  const { data } = useQuery({ ...listKeysOptions({ query: { limit: MOST_KEYS } }), enabled: may })
  const names = new Map((data?.items ?? []).map(({ key_id: id, name }) => [id, name ?? id]))
  return (who) => {
    switch (who) {
      case 'caller':
        return say('by_caller')
      case 'import':
        return say('by_import')
      case 'rehearsal':
        return say('by_rehearsal')
      case 'bootstrap':
        return say('by_bootstrap')
      default:
        return who === session.key_id
          ? say('by_you')
          : (names.get(who) ?? say('by_key', { id: who }))
    }
  }
}
