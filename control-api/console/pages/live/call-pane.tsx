// One call closely, while it goes on: what is said, what happens, and what can be done to it.
import { useMemo } from 'react'
import { Button, Card, CloseButton, Group, Stack, Text, Title } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Link } from 'wouter'
import { getCallOptions } from '../../api/generated/@tanstack/react-query.gen.ts'
import { HangUpButton } from '../../components/call-actions/hang-up-button.tsx'
import { TransferButton } from '../../components/call-actions/transfer-button.tsx'
import { CallState } from '../../components/call-state.tsx'
import { Ladder } from '../../components/ladder/ladder.tsx'
import { timelineEntries } from '../../components/ladder/timeline-entries.ts'
import { Loaded } from '../../components/loaded.tsx'
import { providerName } from '../../components/provider-name.ts'
import { Spoken } from '../../components/spoken/spoken.tsx'
import { Ticking } from '../../components/ticking.tsx'
import { useLiveTimeline } from '../../live/call-timeline.ts'
import { useCommon } from '../../words/common.ts'
import { FromTo, useAgentNames } from './call-list.tsx'
import { CostSoFar } from './cost-so-far.tsx'
import { agentState, withTimeline, type Call } from './live-calls.ts'
import { useLiveWords } from './words.ts'
import styles from './live.module.css'

interface CallPaneProps {
  readonly callId: string
  readonly pricePerMinute: number | undefined
  readonly onClose: () => void
}

export function CallPane({ callId, pricePerMinute, onClose }: CallPaneProps) {
  const say = useLiveWords()
  const common = useCommon()
  const query = useQuery(getCallOptions({ path: { call_id: callId } }))
  return (
    <Card withBorder component="section" aria-label={say('one_call')} className={styles['pane']}>
      <Stack gap="md">
        <Group justify="space-between" wrap="nowrap" align="flex-start">
          <Title order={2} size="h4" style={{ overflowWrap: 'anywhere' }}>
            {query.data ? <FromTo call={query.data} /> : say('one_call')}
          </Title>
          <CloseButton onClick={onClose} aria-label={common('close')} />
        </Group>
        <Loaded query={query}>
          {(call) => <Closely call={call} pricePerMinute={pricePerMinute} />}
        </Loaded>
      </Stack>
    </Card>
  )
}

interface CloselyProps {
  readonly call: Call
  readonly pricePerMinute: number | undefined
}

function Closely({ call, pricePerMinute }: CloselyProps) {
  const say = useLiveWords()
  const items = useLiveTimeline(call.call_id)
  const entries = useMemo(() => timelineEntries(items), [items])
  const isLive = call.status !== 'ended'
  return (
    <>
      <Group gap="sm" role="status">
        <CallState call={call} />
        <Text size="sm">
          <Ticking since={call.created_at} until={call.ended_at} />
        </Text>
        {!isLive && <Text size="sm">{say('ended_here')}</Text>}
      </Group>
      <Facts call={withTimeline(call, items)} pricePerMinute={pricePerMinute} />
      <Group gap="xs">
        <HangUpButton call={call} />
        <TransferButton call={call} />
        <Button size="xs" variant="subtle" component={Link} href={`/calls/${call.call_id}`}>
          {say('to_page')}
        </Button>
      </Group>
      <section>
        <Title order={3} size="h5" mb="xs">
          {say('said')}
        </Title>
        <Spoken
          items={items}
          direction={call.direction}
          isLive={isLive}
          isAnswered={call.answered_at !== null}
        />
      </section>
      <section>
        <Title order={3} size="h5" mb="xs">
          {say('events')}
        </Title>
        <Ladder label={say('events')} entries={entries} isGrowing={isLive} maxHeight="20rem" />
      </section>
    </>
  )
}

function Facts({ call, pricePerMinute }: CloselyProps) {
  const say = useLiveWords()
  const common = useCommon()
  const agentName = useAgentNames()
  const facts: readonly (readonly [string, React.ReactNode])[] = [
    [say('direction'), common(call.direction)],
    [say('trunk'), call.provider === 'sip' ? call.trunk : providerName(call.provider)],
    [say('agent'), agentName(call.agent.agent_id)],
    ...(call.agent.agent_id ? ([[say('agent_state'), say(agentState(call))]] as const) : []),
    [
      say('cost'),
      pricePerMinute === undefined ? (
        '…'
      ) : (
        <CostSoFar key="cost" call={call} pricePerMinute={pricePerMinute} />
      ),
    ],
  ]
  return (
    <dl className={styles['facts']}>
      {facts.map(([term, what]) => (
        <div key={term}>
          <Text component="dt" size="xs" c="dimmed">
            {term}
          </Text>
          <Text component="dd" size="sm" m={0}>
            {what}
          </Text>
        </div>
      ))}
    </dl>
  )
}
