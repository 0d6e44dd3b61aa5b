// The page of a call that there is: who and when, how it ended, the axis, and beneath it all that belongs to it.
import { useState } from 'react'
import { Alert, Anchor, Box, Skeleton, Stack } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Link } from 'wouter'
import { getSettingsOptions } from '../../api/generated/@tanstack/react-query.gen.ts'
import { refresh } from '../../api/queries.ts'
import { Failure } from '../../components/failure.tsx'
import { PageFrame } from '../../components/page-frame.tsx'
import { moment } from '../../words/amounts.ts'
import { useAxisPlayer } from './axis/axis-player.ts'
import type { AxisSelection } from './axis/axis-types.ts'
import { CallAxis } from './axis/call-axis.tsx'
import { FilesCard } from './files/files-card.tsx'
import { GuardCard } from './guard/guard-card.tsx'
import { Attempts } from './head/attempts.tsx'
import type { Call } from './head/ending.ts'
import { EndingCard } from './head/ending-card.tsx'
import { HeadCard } from './head/head-card.tsx'
import { useHeadWords } from './head/words.ts'
import { LiveActions } from './live/live-actions.tsx'
import { ConsentCard } from './menu/consent-card.tsx'
import { MenuCard } from './menu/menu-card.tsx'
import { useMenu } from './menu/use-menu.ts'
import styles from './one-call.module.css'
import { QualityCard } from './quality/quality-card.tsx'
import { ReviewCard } from './review/review-card.tsx'
import { TranscriptPanel } from './transcript/transcript-panel.tsx'
import { useCallStory } from './use-call-story.ts'
import { VendorCard } from './vendor/vendor-card.tsx'

export function OneCall({ call }: { readonly call: Call }) {
  const say = useHeadWords()
  const story = useCallStory(call)
  const menu = useMenu(call.call_id)
  const player = useAxisPlayer()
  const [selected, setSelected] = useState<AxisSelection | null>(null)
  const { items, turns, silences, speech } = story
  const isLive = call.status !== 'ended'
  const axis = { call, items, turns, silences, speech, isLive, selected, player }
  return (
    <PageFrame
      title={say(`title-${call.direction}`, { when: moment(call.created_at) })}
      actions={
        <Anchor component={Link} href="/calls" size="sm">
          {say('back')}
        </Anchor>
      }
    >
      <HeadCard
        call={call}
        {...(isLive ? { actions: <LiveActions call={call} items={items} /> } : {})}
      />
      <EndingCard call={call} items={items} />
      <Attempts call={call} />
      {story.error !== null && (
        <Failure
          error={story.error}
          retry={() => void refresh('getCallTimeline', 'getTranscript', 'listSilences')}
        />
      )}
      {story.isLoading ? <Skeleton h={320} /> : <CallAxis {...axis} onSelect={setSelected} />}
      {!story.isLoading && !isLive && items.length === 0 && <EventsGone />}
      <Box className={styles['below']}>
        <Stack gap="md" miw={0}>
          <MenuCard {...axis} menu={menu} onSelect={setSelected} />
          <TranscriptPanel {...axis} onSelect={setSelected} />
          <FilesCard call={call} items={items} turns={turns} />
          <VendorCard call={call} />
        </Stack>
        <Stack gap="md" miw={0}>
          <ConsentCard callId={call.call_id} consent={menu.data?.consent} />
          <GuardCard call={call} />
          <QualityCard call={call} items={items} silences={silences} />
          <ReviewCard call={call} items={items} />
        </Stack>
      </Box>
    </PageFrame>
  )
}

/** Of an old call: its record stays longer than its story. */
function EventsGone() {
  const say = useHeadWords()
  const { data: settings } = useQuery(getSettingsOptions())
  return (
    <Alert role="status">
      {say('events_gone', { days: settings?.retention_days.events ?? '…' })}
    </Alert>
  )
}
