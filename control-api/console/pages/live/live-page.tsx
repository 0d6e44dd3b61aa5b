// Live: the calls that go on, one of them closely.
import { useCallback } from 'react'
import { Anchor, Button, Stack, Text, useMatches } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Link, useLocation } from 'wouter'
import { useHistoryState } from 'wouter/use-browser-location'
import { getSettingsOptions } from '../../api/generated/@tanstack/react-query.gen.ts'
import { Empty, Loaded } from '../../components/loaded.tsx'
import { PageFrame } from '../../components/page-frame.tsx'
import { useSecond } from '../../components/ticking.tsx'
import { CallPane } from './call-pane.tsx'
import { Capacity } from './capacity.tsx'
import { CallList } from './call-list.tsx'
import { isLeaving, isStaying, type LiveCalls } from './live-calls.ts'
import { useLiveCalls } from './use-live-calls.ts'
import { useLiveWords } from './words.ts'
import styles from './live.module.css'

export function Component() {
  const say = useLiveWords()
  const query = useLiveCalls()
  return (
    <PageFrame
      title={say('title')}
      actions={
        <Button size="xs" component={Link} href="/dial">
          {say('dial')}
        </Button>
      }
    >
      <Loaded query={query}>{(calls) => <Calls calls={calls} />}</Loaded>
    </PageFrame>
  )
}

function Calls({ calls }: { readonly calls: LiveCalls }) {
  const say = useLiveWords()
  const { selected, select } = useSelected()
  const isWide = useMatches({ base: false, md: true })
  // What has ended goes without news of others; after that nothing is drawn again for it.
  useSecond(calls.some((one) => isLeaving(one)))
  const { data: settings } = useQuery(getSettingsOptions())
  const shown = calls.filter((one) => isStaying(one))
  if (shown.length === 0 && selected === null) return <NobodyTalks />
  const price = settings?.price_per_minute
  const list = (
    <CallList calls={shown} selected={selected} onSelect={select} pricePerMinute={price} />
  )
  const pane = selected !== null && (
    <CallPane
      // Another call is another pane: nothing of the one before stays in it.
      key={selected}
      callId={selected}
      pricePerMinute={price}
      onClose={() => select(null)}
    />
  )
  return (
    <Stack gap="md">
      <Capacity calls={shown} settings={settings} />
      {isWide ? (
        <div className={styles['both']} data-has-pane={selected !== null}>
          {shown.length === 0 ? <Text c="dimmed">{say('none_any_more')}</Text> : list}
          {pane}
        </div>
      ) : (
        pane || list
      )}
    </Stack>
  )
}

function NobodyTalks() {
  const say = useLiveWords()
  return (
    <Empty title={say('none')}>
      {say('none_hint')}{' '}
      <Anchor component={Link} href="/dial" underline="always">
        {say('none_dial')}
      </Anchor>
    </Empty>
  )
}

/** In the history, not in the address: the back button of a phone leads back to the list. */
function useSelected(): {
  readonly selected: string | null
  readonly select: (id: string | null) => void
} {
  const [, navigate] = useLocation()
  const state = useHistoryState<{ readonly call_id?: string } | null>()
  const selected = state?.call_id ?? null
  const select = useCallback(
    (id: string | null) =>
      navigate('/live', { state: id === null ? null : { call_id: id }, replace: id === null }),
    [navigate],
  )
  return { selected, select }
}
