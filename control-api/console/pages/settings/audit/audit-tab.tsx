// The audit log: what was changed, by whom, newest first.
import { useState } from 'react'
import { Button, Code, Group, Stack, Text } from '@mantine/core'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { Link } from 'wouter'
import { listAuditOptions } from '../../../api/generated/@tanstack/react-query.gen.ts'
import type { ListAuditResponse } from '../../../api/generated/types.gen.ts'
import { Pager, useCursorPages } from '../../../components/cursor-pages.tsx'
import { DataTable, type Column } from '../../../components/data-table.tsx'
import { Empty, Loaded } from '../../../components/loaded.tsx'
import { Moment } from '../../../components/moment.tsx'
import { NeedsRole } from '../../../components/needs-role.tsx'
import { useCommon } from '../../../words/common.ts'
import { Section } from '../section.tsx'
import { actionKey, isAction, targetPath } from './actions.ts'
import { endOf, startOf } from './audit-days.ts'
import { AuditFiltersBar, NO_FILTERS, type AuditFilters } from './audit-filters.tsx'
import { useKeyNames, type KeyNames } from './use-key-names.ts'
import { useAudit } from './words.ts'

type Change = ListAuditResponse['items'][number]

export function AuditTab() {
  const say = useAudit()
  return (
    <NeedsRole role="admin" about={say('about_role')}>
      <Section title={say('title')} about={say('about')} isCard={false}>
        <Changes />
      </Section>
    </NeedsRole>
  )
}

function Changes() {
  const say = useAudit()
  const common = useCommon()
  const keys = useKeyNames()
  const pages = useCursorPages()
  const [filters, setFilters] = useState(NO_FILTERS)
  const query = useQuery({
    ...listAuditOptions({ query: asked(filters, pages.cursor) }),
    placeholderData: keepPreviousData,
    // Nobody tells what is written here: it is looked at anew each time.
    refetchOnMount: 'always',
  })
  const change = (changes: Partial<AuditFilters>): void => {
    setFilters({ ...filters, ...changes })
    pages.restart()
  }
  const isFiltered = Object.values(filters).some((one) => one !== '')
  return (
    <Stack gap="sm">
      <AuditFiltersBar filters={filters} keys={keys} change={change} />
      {isFiltered && (
        <Group>
          <Button size="compact-xs" variant="default" onClick={() => change(NO_FILTERS)}>
            {common('clear')}
          </Button>
        </Group>
      )}
      <Loaded query={query}>
        {({ items, next_cursor: nextCursor }) => (
          <>
            {items.length === 0 ? (
              <Empty title={say(isFiltered ? 'none_found' : 'none')} />
            ) : (
              <ChangeTable items={items} keys={keys} />
            )}
            <Pager pages={pages} nextCursor={nextCursor} />
          </>
        )}
      </Loaded>
    </Stack>
  )
}

function asked({ action, keyId, from, to }: AuditFilters, cursor: string | undefined) {
  const [first, last] = [startOf(from), endOf(to)]
  return {
    ...(action === '' ? {} : { action }),
    ...(keyId === '' ? {} : { key_id: keyId }),
    ...(first === undefined ? {} : { from_date: first }),
    ...(last === undefined ? {} : { to_date: last }),
    ...(cursor === undefined ? {} : { cursor }),
  }
}

interface ChangeTableProps {
  readonly items: readonly Change[]
  readonly keys: KeyNames
}

function ChangeTable({ items, keys }: ChangeTableProps) {
  const say = useAudit()
  const columns: readonly Column<Change>[] = [
    { key: 'when', title: say('when'), cell: ({ at }) => <Moment at={at} /> },
    { key: 'who', title: say('key'), cell: ({ key_id: id }) => keys.nameOf(id) },
    {
      ...{ key: 'what', title: say('action') },
      cell: ({ action }) =>
        isAction(action) ? (
          <span title={action}>{say(actionKey(action))}</span>
        ) : (
          <Code>{action}</Code>
        ),
    },
    {
      ...{ key: 'target', title: say('target') },
      // A session's is the one who opened it, which is said already.
      cell: (one) =>
        one.target === null || one.action.startsWith('session.') ? null : (
          <Target change={one} target={one.target} keys={keys} />
        ),
    },
    { key: 'detail', title: say('detail'), cell: ({ detail }) => detailText(detail) },
  ]
  return (
    <DataTable
      label={say('list')}
      columns={columns}
      items={items}
      keyOf={({ at, action, target }) => `${at} ${action} ${target ?? ''}`}
    />
  )
}

const LAST_LETTERS = 8

interface TargetProps {
  readonly change: Change
  readonly target: string
  readonly keys: KeyNames
}

function Target({ change: { action }, target, keys }: TargetProps) {
  if (action.startsWith('key.')) return keys.nameOf(target)
  const path = targetPath(action, target)
  const [kind, id = ''] = target.split('_', 2)
  const short = id.length > LAST_LETTERS ? `${kind}_…${id.slice(-LAST_LETTERS)}` : target
  if (path === undefined) return <Code title={target}>{short}</Code>
  return (
    <Text
      component={Link}
      href={path}
      title={target}
      ff="monospace"
      size="xs"
      c="var(--mantine-color-anchor)"
    >
      {short}
    </Text>
  )
}

function detailText(detail: Change['detail']): string {
  return Object.entries(detail)
    .filter(([, value]) => value !== null && value !== false && value !== '')
    .map(([name, value]) => `${name}: ${shown(name, value)}`)
    .join(' · ')
}

/** Moments are kept as numbers there. */
function shown(name: string, value: unknown): string {
  if (name === 'expires_at' && typeof value === 'number') return new Date(value).toISOString()
  if (Array.isArray(value)) return value.join(', ')
  return typeof value === 'string' ? value : JSON.stringify(value)
}
