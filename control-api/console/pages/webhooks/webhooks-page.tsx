// Webhooks: who is told, whether they take it, and a way to add one.
import { Stack, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Link } from 'wouter'
import { listWebhooksOptions } from '../../api/generated/@tanstack/react-query.gen.ts'
import { DataTable, type Column } from '../../components/data-table.tsx'
import { Empty, Loaded } from '../../components/loaded.tsx'
import { NeedsRole } from '../../components/needs-role.tsx'
import { PageFrame } from '../../components/page-frame.tsx'
import { useLive } from '../../live/live.tsx'
import { useMay } from '../../session/session.tsx'
import { useCommon } from '../../words/common.ts'
import { AddEndpoint } from './add-endpoint.tsx'
import { EndpointState, type Endpoint } from './endpoint-state.tsx'
import { hearWebhooks } from './fresh-webhooks.ts'
import { LastDelivery } from './last-delivery.tsx'
import { shownAddress } from './shown-address.ts'
import { ToldTypes } from './told-types.tsx'
import { useWebhooks, type SayWebhooks } from './words.ts'

export function Component() {
  const say = useWebhooks()
  const common = useCommon()
  const may = useMay('admin')
  return (
    <PageFrame
      title={say('title')}
      actions={<AddEndpoint unavailable={may ? undefined : common('needs_admin')} />}
    >
      <Text size="sm" c="dimmed" maw={720}>
        {say('lead')}
      </Text>
      <NeedsRole role="admin" about={say('about_role')}>
        <Endpoints />
      </NeedsRole>
    </PageFrame>
  )
}

function Endpoints() {
  const say = useWebhooks()
  const query = useQuery(listWebhooksOptions())
  useLive(hearWebhooks)
  return (
    <Loaded query={query}>
      {({ items }) =>
        items.length === 0 ? (
          <Empty title={say('none')}>{say('none_hint')}</Empty>
        ) : (
          <Stack gap="xs">
            <DataTable
              label={say('list')}
              columns={columnsOf(say)}
              items={items}
              keyOf={({ endpoint_id: id }) => id}
            />
            <Text size="xs" c="dimmed">
              {say('most')}
            </Text>
          </Stack>
        )
      }
    </Loaded>
  )
}

const columnsOf = (say: SayWebhooks): readonly Column<Endpoint>[] => [
  {
    key: 'address',
    title: say('address'),
    cell: ({ endpoint_id: id, url, description }) => (
      <Stack gap={0}>
        <Text
          component={Link}
          href={`/webhooks/${id}`}
          size="sm"
          c="var(--mantine-color-anchor)"
          style={{ overflowWrap: 'anywhere' }}
        >
          {shownAddress(url)}
        </Text>
        {description !== null && (
          <Text size="xs" c="dimmed">
            {description}
          </Text>
        )}
      </Stack>
    ),
  },
  { key: 'types', title: say('told_of'), cell: ({ types }) => <ToldTypes types={types} /> },
  { key: 'state', title: say('state'), cell: (endpoint) => <EndpointState endpoint={endpoint} /> },
  {
    key: 'last',
    title: say('last_delivery'),
    cell: ({ endpoint_id: id }) => <LastDelivery endpointId={id} />,
  },
]
