// Keys and roles: who may come in, and what each may do.
import { Alert, Badge, Group, Stack, Text } from '@mantine/core'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { listKeysOptions } from '../../../api/generated/@tanstack/react-query.gen.ts'
import { Pager, useCursorPages } from '../../../components/cursor-pages.tsx'
import { DataTable, type Column } from '../../../components/data-table.tsx'
import { FactList } from '../../../components/fact-list.tsx'
import { Loaded } from '../../../components/loaded.tsx'
import { Moment } from '../../../components/moment.tsx'
import { NeedsRole } from '../../../components/needs-role.tsx'
import { isNobody, useSession } from '../../../session/session.tsx'
import { Section } from '../section.tsx'
import { budgetWords } from './budget-words.ts'
import { KeyActions } from './key-actions.tsx'
import { ROLES, type ApiKey } from './key-wish.ts'
import { MakeKey } from './make-key.tsx'
import { useKeys } from './words.ts'

export function KeysTab() {
  const say = useKeys()
  return (
    <Stack>
      <NeedsRole role="admin" about={say('about_role')}>
        <Keys />
      </NeedsRole>
      <Section title={say('roles')}>
        <FactList
          facts={ROLES.map((role) => ({ name: role, value: say(`${role}_what`), isWide: true }))}
        />
      </Section>
    </Stack>
  )
}

function Keys() {
  const say = useKeys()
  const pages = useCursorPages()
  const { cursor } = pages
  const query = useQuery({
    ...listKeysOptions(cursor === undefined ? {} : { query: { cursor } }),
    placeholderData: keepPreviousData,
    // When a key was last used changes with every use, and nobody tells.
    refetchOnMount: 'always',
  })
  return (
    <Section title={say('title')} about={say('about')} actions={<MakeKey />} isCard={false}>
      <WhoAmI />
      <Loaded query={query}>
        {({ items, next_cursor: nextCursor }) => (
          <>
            <KeyTable items={items} />
            <Pager pages={pages} nextCursor={nextCursor} />
          </>
        )}
      </Loaded>
    </Section>
  )
}

/** Who came in without a key of the list. */
function WhoAmI() {
  const say = useKeys()
  const session = useSession()
  const words = isNobody(session)
    ? say('you_nobody')
    : session.key_id === 'bootstrap'
      ? say('you_bootstrap')
      : undefined
  return words === undefined ? null : <Alert color="gray">{words}</Alert>
}

const STATE_COLORS = { active: 'teal', expired: 'gray', revoked: 'red' } as const

function KeyTable({ items }: { readonly items: readonly ApiKey[] }) {
  const say = useKeys()
  const columns: readonly Column<ApiKey>[] = [
    { key: 'name', title: say('name'), cell: (one) => <KeyName apiKey={one} /> },
    { key: 'role', title: say('role'), cell: ({ role }) => role },
    {
      ...{ key: 'state', title: say('state') },
      cell: ({ state, revoked_at: revoked }) => (
        <>
          <Badge variant="light" color={STATE_COLORS[state]}>
            {say(state)}
          </Badge>
          {revoked !== null && (
            <Text size="xs" c="dimmed">
              <Moment at={revoked} />
            </Text>
          )}
        </>
      ),
    },
    { key: 'created', title: say('created'), cell: (one) => <Moment at={one.created_at} /> },
    {
      ...{ key: 'used', title: say('used') },
      cell: ({ last_used_at: used }) => (used === null ? say('never_used') : <Moment at={used} />),
    },
    {
      ...{ key: 'ends', title: say('ends') },
      cell: ({ expires_at: end }) => (end === null ? say('never') : <Moment at={end} />),
    },
    {
      ...{ key: 'budget', title: say('budget') },
      cell: (one) => <Text size="sm">{budgetWords(one, say)}</Text>,
    },
    { key: 'actions', title: say('actions'), cell: (one) => <KeyActions apiKey={one} /> },
  ]
  return (
    <DataTable label={say('list')} columns={columns} items={items} keyOf={({ key_id: id }) => id} />
  )
}

function KeyName({ apiKey: { name, key_id: id } }: { readonly apiKey: ApiKey }) {
  const say = useKeys()
  const isOwn = useSession().key_id === id
  return (
    <Group gap={6} justify="inherit">
      <div>
        <Text size="sm" fw={600}>
          {name ?? say('unnamed')}
        </Text>
        <Text size="xs" c="dimmed" ff="monospace">
          {id}
        </Text>
      </div>
      {isOwn && (
        <Badge color="signal" variant="light">
          {say('you')}
        </Badge>
      )}
    </Group>
  )
}
