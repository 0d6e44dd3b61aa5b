// Brings calls, and their words and sound, from where they are: for a range of days, with what runs and what came of it.
import { useState } from 'react'
import { Button, Card, Group, Stack, Text, TextInput, Title } from '@mantine/core'
import { SyncIcon } from '@primer/octicons-react'
import { useQuery } from '@tanstack/react-query'
import { notifications } from '@mantine/notifications'
import { Failure } from '../../../components/failure.tsx'
import { useAction } from '../../../components/use-action.ts'
import { refreshSyncs, syncsOptions } from '../../../components/voximplant/queries.ts'
import { syncCalls, syncPending } from '../../../components/voximplant/requests.ts'
import type { Sync } from '../../../components/voximplant/shapes.ts'
import { useMay } from '../../../session/session.tsx'
import { useCommon } from '../../../words/common.ts'
import { useHistory } from '../words.ts'
import { syncBoundsOf, usualRange, type SyncBounds, type SyncRange } from './sync-range.ts'
import { useSyncWords } from './sync-words.ts'
import { Syncs } from './syncs.tsx'

export function SyncCard({ applicationId }: { readonly applicationId: string }) {
  const say = useHistory()
  const common = useCommon()
  const may = useMay('operator')
  const [range, setRange] = useState(() => usualRange(new Date()))
  const newest = useQuery(syncsOptions(applicationId, undefined))
  const isBusy = newest.data?.items.some(({ state }) => state === 'running') ?? false
  const tell = useTellEnd()
  const calls = useAction((asked: SyncBounds) => syncCalls(applicationId, asked), {
    showsFailure: true,
    onDone: tell,
  })
  const pending = useAction(() => syncPending(applicationId), { showsFailure: true, onDone: tell })
  const isRange = syncBoundsOf(range, new Date()) !== undefined
  const why = may ? (isBusy ? say('is_busy') : undefined) : common('needs_operator')
  const error = calls.error ?? pending.error
  const start = (): void => {
    pending.reset()
    const bounds = syncBoundsOf(range, new Date())
    if (bounds !== undefined) calls.run(bounds)
  }
  const day = (name: keyof SyncRange) => (
    <TextInput
      size="xs"
      type="date"
      label={say(`sync_${name}`)}
      value={range[name]}
      onChange={(event) => setRange({ ...range, [name]: event.currentTarget.value })}
      error={!isRange && name === 'to' ? say('no_range') : undefined}
    />
  )
  return (
    <Card withBorder padding="sm" component="section" aria-label={say('sync')}>
      <Stack gap="sm">
        <Title order={2} size="h5">
          {say('sync')}
        </Title>
        <Text size="sm" c="dimmed" maw={760}>
          {say('sync_about')}
        </Text>
        <Group gap="sm" align="flex-end">
          {day('from')}
          {day('to')}
          <Button
            size="xs"
            leftSection={<SyncIcon size={14} />}
            loading={calls.isRunning}
            disabled={why !== undefined || !isRange}
            title={why}
            onClick={start}
          >
            {say('sync_calls')}
          </Button>
          <Button
            size="xs"
            variant="default"
            leftSection={<SyncIcon size={14} />}
            loading={pending.isRunning}
            disabled={why !== undefined}
            title={why}
            onClick={() => {
              calls.reset()
              pending.run()
            }}
          >
            {say('sync_pending')}
          </Button>
        </Group>
        {error !== null && <Failure error={error} />}
        <Syncs applicationId={applicationId} />
      </Stack>
    </Card>
  )
}

/** Of a short one: what came of it at once; a long one goes on in the list. */
function useTellEnd(): (sync: Sync) => void {
  const common = useCommon()
  const words = useSyncWords()
  return (sync) => {
    void refreshSyncs()
    if (sync.state !== 'done') return
    notifications.show({
      message: words.result(sync),
      color: 'teal',
      closeButtonProps: { 'aria-label': common('close') },
    })
  }
}
