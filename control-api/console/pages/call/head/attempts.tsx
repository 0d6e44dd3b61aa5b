// The attempts of which this call is one: the others to go to, the next one when it is due, and a way to call it off.
import { Anchor, Card, Group, Stack, Text, Title } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Link } from 'wouter'
import { searchCalls, cancelRetry } from '../../../api/generated/sdk.gen.ts'
import { refresh } from '../../../api/queries.ts'
import { CallState } from '../../../components/call-state.tsx'
import { ConfirmButton } from '../../../components/confirm-button.tsx'
import { Moment } from '../../../components/moment.tsx'
import { useMay } from '../../../session/session.tsx'
import { moment } from '../../../words/amounts.ts'
import { useCommon } from '../../../words/common.ts'
import type { Call } from './ending.ts'
import { useHeadWords } from './words.ts'

/** More calls than that to one number are not looked through. */
const LOOKED_THROUGH = 100

/** Nothing, where there is only one. */
export function Attempts({ call }: { readonly call: Call }) {
  const say = useHeadWords()
  const common = useCommon()
  const may = useMay('operator')
  const chain = useAttempts(call)
  const next = chain.find(({ next_attempt_at: at }) => at !== null)
  const isFirstKnown = call.retry_of === null || chain.some((one) => one.call_id === call.retry_of)
  if (chain.length < 2 && isFirstKnown && next === undefined) return null
  return (
    <Card withBorder component="section" aria-label={say('attempts')}>
      <Stack gap="xs">
        <Title order={2} size="h5">
          {say('attempts')}
        </Title>
        {!isFirstKnown && (
          <Anchor component={Link} href={`/calls/${call.retry_of}`} size="sm">
            {say('attempt', { n: 1 })}
          </Anchor>
        )}
        {chain.map((one) => (
          <Group key={one.call_id} gap="sm">
            <Text size="sm" fw={one.call_id === call.call_id ? 600 : 400}>
              {one.call_id === call.call_id ? (
                `${say('attempt', { n: one.attempt })}, ${say('this_attempt')}`
              ) : (
                <Anchor component={Link} href={`/calls/${one.call_id}`} inherit>
                  {say('attempt', { n: one.attempt })}
                </Anchor>
              )}
            </Text>
            <CallState call={one} />
            <Text size="sm" c="dimmed">
              <Moment at={one.created_at} />
            </Text>
          </Group>
        ))}
        {next?.next_attempt_at && (
          <Group gap="md">
            <Text size="sm">
              {say('next_attempt', { n: next.attempt + 1, at: moment(next.next_attempt_at) })}
            </Text>
            <ConfirmButton
              label={say('cancel_retry')}
              size="xs"
              consequences={say('cancel_retry_consequences')}
              done={say('cancel_retry_done')}
              unavailable={may ? undefined : common('needs_operator')}
              act={() => cancelRetry({ path: { call_id: next.call_id } })}
              onDone={() => void refresh('getCall', 'callAttempts')}
            />
          </Group>
        )}
      </Stack>
    </Card>
  )
}

/** From the first to the last. The API has no list of them: they went to the same number, so they are searched there. */
function useAttempts(call: Call): readonly Call[] {
  const first = call.retry_of ?? call.call_id
  const { data } = useQuery({
    // Not the number: a key may be shown by tools.
    queryKey: [{ _id: 'callAttempts', first }],
    enabled: call.direction === 'outbound' && mayHaveOthers(call),
    queryFn: async ({ signal }) => {
      const { data: found } = await searchCalls({
        body: { number: call.to, direction: 'outbound', limit: LOOKED_THROUGH },
        signal,
      })
      return found.items
    },
  })
  const others = (data ?? []).filter(
    ({ call_id: id, retry_of }) => id !== call.call_id && (id === first || retry_of === first),
  )
  return [...others, call].sort((one, other) => one.attempt - other.attempt)
}

/** One that follows another, or one after which another may have followed. */
const mayHaveOthers = ({ attempt, status, answered_at: answeredAt }: Call): boolean =>
  attempt > 1 || (status === 'ended' && answeredAt === null)
