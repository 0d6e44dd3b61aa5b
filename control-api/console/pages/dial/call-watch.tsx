// The call that was placed, as it happens: its ladder draws itself, its words appear.
import { useMemo } from 'react'
import { Button, Card, Group, Stack, Text, Title } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Link } from 'wouter'
import { getCallOptions } from '../../api/generated/@tanstack/react-query.gen.ts'
import type { GetCallResponse } from '../../api/generated/types.gen.ts'
import { HangUpButton } from '../../components/call-actions/hang-up-button.tsx'
import { CallState } from '../../components/call-state.tsx'
import { ConfirmButton } from '../../components/confirm-button.tsx'
import { Ladder } from '../../components/ladder/ladder.tsx'
import { timelineEntries } from '../../components/ladder/timeline-entries.ts'
import { useEndedBy, useReasons } from '../../components/ladder/words.ts'
import { Loaded } from '../../components/loaded.tsx'
import { useUncertainty } from '../../components/place-call.ts'
import { Spoken } from '../../components/spoken/spoken.tsx'
import { Ticking } from '../../components/ticking.tsx'
import { useLiveTimeline, type TimelineItem } from '../../live/call-timeline.ts'
import { useMay } from '../../session/session.tsx'
import { money } from '../../words/amounts.ts'
import { useCommon } from '../../words/common.ts'
import { confirmWords } from './confirm-words.ts'
import { useDialled } from './dialled.ts'
import { LastDialled } from './nothing-dialled.tsx'
import type { Dialling } from './use-dial.ts'
import { useDialWords } from './words.ts'

interface CallWatchProps {
  readonly callId: string
  readonly pricePerMinute: number
  readonly isRehearsal: boolean
  readonly dialling: Dialling
  readonly onShow: (callId: string) => void
}

export function CallWatch(props: CallWatchProps) {
  const { callId, onShow } = props
  const query = useQuery(getCallOptions({ path: { call_id: callId } }))
  return (
    <>
      <Loaded query={query}>{(call) => <Watched call={call} {...props} />}</Loaded>
      <LastDialled shown={callId} onShow={onShow} />
    </>
  )
}

function Watched(props: CallWatchProps & { readonly call: GetCallResponse }) {
  const { call, pricePerMinute } = props
  const say = useDialWords()
  const items = useLiveTimeline(call.call_id)
  const entries = useMemo(() => timelineEntries(items), [items])
  const isLive = call.status !== 'ended'
  return (
    <Card withBorder component="section" aria-labelledby="watched">
      <Stack gap="md">
        <Stack gap={4}>
          <Group justify="space-between" gap="sm">
            <Title order={2} size="h4" id="watched">
              {call.to}
            </Title>
            <Group gap="xs">
              <CallState call={call} />
              <Text size="sm">
                <Ticking since={call.created_at} until={call.ended_at} />
              </Text>
            </Group>
          </Group>
          <Text size="sm" c="dimmed" role="status">
            <NowWords call={call} items={items} pricePerMinute={pricePerMinute} />
          </Text>
        </Stack>
        <Group gap="xs">
          {isLive ? <HangUpButton call={call} /> : <Again {...props} />}
          <Button size="xs" variant="default" component={Link} href={`/calls/${call.call_id}`}>
            {say('to_page')}
          </Button>
        </Group>
        <section>
          <Title order={3} size="h5" mb="xs">
            {say('ladder')}
          </Title>
          <Ladder label={say('ladder')} entries={entries} isGrowing={isLive} />
        </section>
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
      </Stack>
    </Card>
  )
}

interface NowWordsProps {
  readonly call: GetCallResponse
  readonly items: readonly TimelineItem[]
  readonly pricePerMinute: number
}

const OF_THE_TALK: ReadonlySet<string> = new Set(['flow.asked', 'flow.answered', 'agent.attempted'])

/** Where it stands, in a sentence: above all whether money flows. */
function NowWords({ call, items, pricePerMinute }: NowWordsProps) {
  const say = useDialWords()
  const common = useCommon()
  const reasonOf = useReasons()
  const byOf = useEndedBy()
  const { termination } = call
  const paid = items.reduce((sum, { type, seconds }) => {
    const isPaid = type === 'agent.closed' || type === 'agent.attempt_failed'
    return sum + (isPaid && typeof seconds === 'number' ? seconds : 0)
  }, 0)
  if (termination !== null) {
    const cost = money(call.cost?.amount_minor ?? (paid / 60) * pricePerMinute * 100)
    const how = { reason: reasonOf(termination.reason), by: byOf(termination.by) }
    return say(paid === 0 ? 'ended_free' : 'ended_paid', { ...how, cost })
  }
  const last = items.findLast(({ type }) => type === 'agent.opened' || type === 'agent.closed')
  if (last?.type === 'agent.opened')
    return say('now_talking', { price: money(pricePerMinute * 100) })
  if (call.answered_at === null) return say('now_free', { state: common(call.status) })
  // The menu first, and then perhaps the agent.
  const isInMenu = items.findLast(({ type }) => OF_THE_TALK.has(type))?.type.startsWith('flow.')
  return say(isInMenu === true ? 'now_menu' : 'now_opening')
}

/** The same request once more: another call, unless that was sent already and not answered. */
function Again({ callId, isRehearsal, dialling, pricePerMinute }: CallWatchProps) {
  const say = useDialWords()
  const common = useCommon()
  const may = useMay('operator')
  const before = useDialled().find((one) => one.callId === callId)
  const uncertain = useUncertainty(before?.body ?? null)
  if (before === undefined) return null
  const { body } = before
  const label = say(uncertain === 'same' ? 'call_again_safely' : 'again')
  if (isRehearsal)
    return (
      <Button
        size="xs"
        loading={dialling.isRunning}
        disabled={!may}
        title={may ? undefined : common('needs_operator')}
        onClick={() => dialling.run(body)}
      >
        {label}
      </Button>
    )
  return (
    <ConfirmButton
      size="xs"
      variant="filled"
      color="signal"
      label={label}
      consequences={confirmWords(body, say, {
        number: body.phone_number,
        price: money(pricePerMinute * 100),
      })}
      unavailable={may ? undefined : common('needs_operator')}
      act={() => dialling.dial(body)}
    />
  )
}
