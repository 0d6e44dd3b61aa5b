// The guard's line: when the agent was opened, what it cost by whose count, and what waiting for the answer has spared.
import { Card, Group, Stack, Text, Title } from '@mantine/core'
import { ShieldCheckIcon } from '@primer/octicons-react'
import { useQuery } from '@tanstack/react-query'
import { getSettingsOptions } from '../../../api/generated/@tanstack/react-query.gen.ts'
import { duration, money, number } from '../../../words/amounts.ts'
import { locale } from '../../../words/language.ts'
import { sparedSeconds, type Call } from '../head/ending.ts'
import { Fact, Facts } from '../head/fact.tsx'
import { useNow } from '../head/use-now.ts'
import { useGuardWords, type SayGuard } from './words.ts'

type Part = NonNullable<Call['cost']>['parts'][number]

export function GuardCard({ call }: { readonly call: Call }) {
  const say = useGuardWords()
  const { agent, cost } = call
  const ours = cost?.parts.find(({ kind }) => kind === 'agent')
  const vendors = cost?.parts.find(({ kind }) => kind === 'vendor')
  return (
    <Card withBorder component="section" aria-labelledby="guard-title">
      <Stack gap="sm">
        <Title order={2} size="h5" id="guard-title">
          {say('title')}
        </Title>
        <Group gap={6} wrap="nowrap" align="flex-start">
          <ShieldCheckIcon />
          <Text size="sm">{openedWords(call, say)}</Text>
        </Group>
        <Facts>
          {agent.sessions > 0 && <Fact name={say('sessions')}>{number(agent.sessions)}</Fact>}
          {ours?.kind === 'agent' && <Fact name={say('agent_time')}>{duration(ours.seconds)}</Fact>}
          {agent.close_reason !== null && (
            <Fact name={say('closed')}>{say(`close-${agent.close_reason}`)}</Fact>
          )}
          <Fact name={say('cost')}>
            {cost === null ? say('cost_when_over') : money(cost.amount_minor, cost.currency)}
          </Fact>
        </Facts>
        {(ours ?? vendors) !== undefined && (
          <Facts>
            {ours?.kind === 'agent' && <Fact name={say('ours')}>{oursWords(ours, say)}</Fact>}
            <Fact name={say('vendors')}>{vendorsWords(vendors, say)}</Fact>
          </Facts>
        )}
        <Spared call={call} />
      </Stack>
    </Card>
  )
}

function openedWords(
  { status, answered_at: answeredAt, agent, provider }: Call,
  say: SayGuard,
): string {
  const { open_ms_after_answer: ms, opened_at: openedAt, sessions } = agent
  if (ms !== null)
    return say(provider === 'sip' ? 'opened' : 'opened_provider', { ms: duration(ms / 1000) })
  if (openedAt !== null || sessions > 0) return say('opened_plain')
  if (answeredAt !== null && !agent.agent_id) return say('none_needed')
  if (status !== 'ended') return say(answeredAt === null ? 'none_yet' : 'opening')
  return say(answeredAt === null ? 'none_unanswered' : 'none_answered')
}

/** What it would have cost to open the agent with the INVITE: by the price of this call, or today's where it has none. */
function Spared({ call }: { readonly call: Call }) {
  const say = useGuardWords()
  const now = useNow(call.status !== 'ended' && call.answered_at === null)
  const seconds = sparedSeconds(call, now)
  const own = call.cost?.parts.find(({ kind }) => kind === 'agent')
  const { data: settings } = useQuery({
    ...getSettingsOptions(),
    enabled: own === undefined && seconds !== null,
  })
  // Without an agent there is nothing to spare.
  if (seconds === null || !call.agent.agent_id) return null
  const price = own?.kind === 'agent' ? own.price_per_minute : settings?.price_per_minute
  const length = duration(seconds)
  return (
    <Facts>
      <Fact name={say('spared')} isWide>
        {price === undefined
          ? say('spared_time', { length })
          : say('spared_words', { length, sum: exactMoney((seconds / 60) * price) })}
      </Fact>
    </Facts>
  )
}

function oursWords(
  { seconds, price_per_minute: price }: Extract<Part, { kind: 'agent' }>,
  say: SayGuard,
) {
  return say('ours_words', {
    sum: exactMoney((seconds / 60) * price),
    length: duration(seconds),
    price: exactMoney(price),
  })
}

function vendorsWords(part: Part | undefined, say: SayGuard): string {
  if (part?.kind !== 'vendor') return say('vendors_none')
  const credits = part.credits === null ? '–' : number(part.credits)
  if (part.usd === null) return say('vendors_credits', { credits })
  return say('vendors_words', { sum: exactMoney(part.usd), credits })
}

/** One call costs cents: two digits would round most of it away. */
const exactMoney = (dollars: number): string =>
  dollars.toLocaleString(locale(), {
    style: 'currency',
    currency: 'USD',
    minimumFractionDigits: 2,
    maximumFractionDigits: 4,
  })
