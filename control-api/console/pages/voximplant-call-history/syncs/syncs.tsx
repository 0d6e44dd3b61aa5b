// The synchronisations of an application: what runs now, and the last ones.
import { useId } from 'react'
import { Badge, Button, Collapse, Group, Loader, Progress, Stack, Text } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { useQuery } from '@tanstack/react-query'
import { ConfirmButton } from '../../../components/confirm-button.tsx'
import { Pager, useCursorPages } from '../../../components/cursor-pages.tsx'
import { DataTable, type Column } from '../../../components/data-table.tsx'
import { Loaded } from '../../../components/loaded.tsx'
import { Moment } from '../../../components/moment.tsx'
import { refreshSyncs, syncsOptions } from '../../../components/voximplant/queries.ts'
import { cancelSync } from '../../../components/voximplant/requests.ts'
import type { Sync } from '../../../components/voximplant/shapes.ts'
import { useMay } from '../../../session/session.tsx'
import { percent } from '../../../words/amounts.ts'
import { useCommon } from '../../../words/common.ts'
import { useHistory } from '../words.ts'
import { useSyncWords } from './sync-words.ts'

export function Syncs({ applicationId }: { readonly applicationId: string }) {
  const say = useHistory()
  const panel = useId()
  const [isOpen, { toggle }] = useDisclosure()
  const newest = useQuery(syncsOptions(applicationId, undefined))
  const running = newest.data?.items.filter(({ state }) => state === 'running') ?? []
  const [last] = newest.data?.items ?? []
  return (
    <Stack gap="sm">
      {running.map((sync) => (
        <Running key={sync.sync_id} sync={sync} />
      ))}
      {last !== undefined && last.state !== 'running' && <Last sync={last} />}
      <div>
        <Button
          size="compact-sm"
          variant="subtle"
          onClick={toggle}
          aria-expanded={isOpen}
          aria-controls={panel}
        >
          {say('last_syncs')}
        </Button>
      </div>
      <Collapse expanded={isOpen} id={panel}>
        {isOpen && <LastSyncs applicationId={applicationId} />}
      </Collapse>
    </Stack>
  )
}

function Running({ sync }: { readonly sync: Sync }) {
  const say = useHistory()
  const common = useCommon()
  const words = useSyncWords()
  const may = useMay('operator')
  const { application_id: id, sync_id: syncId, progress } = sync
  const about = words.about(sync)
  return (
    <Stack gap={4}>
      <Group justify="space-between" gap="sm">
        <Group gap="xs" role="status" miw={0}>
          {progress === null && <Loader size={14} />}
          <Text size="sm">
            {about}: {words.result(sync)}
          </Text>
        </Group>
        <ConfirmButton
          size="compact-xs"
          label={say('cancel_sync')}
          ariaLabel={say('cancel_sync_of', { what: about })}
          consequences={say('cancel_what')}
          act={() => cancelSync(id, syncId)}
          onDone={() => void refreshSyncs()}
          unavailable={may ? undefined : common('needs_operator')}
        />
      </Group>
      <Progress.Root size="lg">
        <Progress.Section
          value={(progress ?? 0) * 100}
          aria-label={say('progress_of', { what: about })}
          aria-valuetext={progress === null ? say('progress_unknown') : percent(progress)}
        />
      </Progress.Root>
    </Stack>
  )
}

function Last({ sync }: { readonly sync: Sync }) {
  const say = useHistory()
  const words = useSyncWords()
  return (
    <Group gap="xs">
      <Text size="sm" c="dimmed">
        {say('last')}: <Moment at={sync.finished_at ?? sync.updated_at} />. {words.about(sync)}:{' '}
        {words.result(sync)}
      </Text>
      {sync.state !== 'done' && <State state={sync.state} />}
    </Group>
  )
}

const COLORS = { running: 'signal', done: 'teal', failed: 'red', canceled: 'gray' } as const

function State({ state }: Pick<Sync, 'state'>) {
  const say = useHistory()
  return (
    <Badge variant="light" color={COLORS[state]}>
      {say(`sync_${state}`)}
    </Badge>
  )
}

function LastSyncs({ applicationId }: { readonly applicationId: string }) {
  const say = useHistory()
  const words = useSyncWords()
  const pages = useCursorPages()
  const query = useQuery(syncsOptions(applicationId, pages.cursor))
  const columns: readonly Column<Sync>[] = [
    { key: 'at', title: say('sync_at'), cell: ({ created_at: at }) => <Moment at={at} /> },
    { key: 'what', title: say('sync_what'), cell: words.about },
    { key: 'origin', title: say('sync_origin'), cell: ({ origin }) => say(`origin_${origin}`) },
    { key: 'state', title: say('sync_state'), cell: ({ state }) => <State state={state} /> },
    {
      key: 'result',
      title: say('sync_result'),
      cell: (sync) => (
        <>
          {words.result(sync)}
          {sync.error !== null && (
            <Text size="sm" c="dimmed">
              {sync.error}
            </Text>
          )}
        </>
      ),
    },
  ]
  return (
    <Loaded query={query}>
      {({ items, next_cursor: nextCursor }) => (
        <Stack gap="xs">
          {items.length === 0 ? (
            <Text size="sm" c="dimmed" role="status">
              {say('no_syncs')}
            </Text>
          ) : (
            <DataTable
              label={say('last_syncs')}
              columns={columns}
              items={items}
              keyOf={({ sync_id: id }) => id}
            />
          )}
          <Pager pages={pages} nextCursor={nextCursor} />
        </Stack>
      )}
    </Loaded>
  )
}
