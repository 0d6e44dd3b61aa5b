// What was not spent because agents are opened with the answer alone.
import { Group, Text } from '@mantine/core'
import { Loaded } from '../../components/loaded.tsx'
import { duration, money } from '../../words/amounts.ts'
import { Section } from './section.tsx'
import type { useDays } from './use-days.ts'
import { useOverview } from './words.ts'

export function GuardSection({ current, past }: ReturnType<typeof useDays>) {
  const say = useOverview()
  return (
    <Section title={say('guard')}>
      <Loaded query={current}>
        {({ totals: { guard: today, cost } }) => (
          <Group gap="xl" align="flex-start">
            <Saved
              title={say('guard_today')}
              seconds={today.seconds_avoided}
              money={money(today.amount_minor, cost.currency)}
            />
            {past.data && (
              <Saved
                title={say('guard_month')}
                seconds={past.data.totals.guard.seconds_avoided + today.seconds_avoided}
                money={money(
                  past.data.totals.guard.amount_minor + today.amount_minor,
                  cost.currency,
                )}
              />
            )}
          </Group>
        )}
      </Loaded>
      <Text size="sm" c="dimmed">
        {say('guard_what')}
      </Text>
    </Section>
  )
}

interface SavedProps {
  readonly title: string
  readonly seconds: number
  readonly money: string
}

function Saved({ title, seconds, money: amount }: SavedProps) {
  const say = useOverview()
  return (
    <div>
      <Text size="sm" c="dimmed">
        {title}
      </Text>
      <Text fz={24} fw={600} lh={1.3}>
        {amount}
      </Text>
      <Text size="xs" c="dimmed">
        {say('of_agent_time', { time: duration(seconds) })}
      </Text>
    </div>
  )
}
