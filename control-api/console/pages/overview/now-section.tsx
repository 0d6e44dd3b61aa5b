// What goes on at this moment, and how much room there is for more.
import { Badge, Group, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { getSettingsOptions } from '../../api/generated/@tanstack/react-query.gen.ts'
import { Loaded } from '../../components/loaded.tsx'
import { LIVE_STATES, useLiveCalls, type Call } from '../../components/use-live-calls.ts'
import { number } from '../../words/amounts.ts'
import { useCommon } from '../../words/common.ts'
import { CallList } from './call-list.tsx'
import { Section } from './section.tsx'
import { useOverview } from './words.ts'

const NEWEST = 5
/** Soon somebody is turned away. */
const FULL = 0.9

export function NowSection() {
  const say = useOverview()
  const query = useLiveCalls()
  return (
    <Section title={say('now')} more={{ href: '/live', label: say('all_live') }}>
      <Loaded query={query}>{(calls) => <Now calls={calls} />}</Loaded>
    </Section>
  )
}

function Now({ calls }: { readonly calls: readonly Call[] }) {
  const say = useOverview()
  const common = useCommon()
  const words = calls.length === 0 ? say('nothing_now') : say('calls_now', { count: calls.length })
  return (
    <>
      <Group gap="xs">
        <Text fw={600} role="status">
          {words}
        </Text>
        {LIVE_STATES.map((state) => {
          const count = calls.filter(({ status }) => status === state).length
          return (
            count > 0 && (
              <Badge key={state} variant="light" color="signal">
                {common(state)}: {number(count)}
              </Badge>
            )
          )
        })}
      </Group>
      <Capacity used={calls.length} />
      {calls.length > 0 && <CallList label={say('now')} calls={calls.slice(0, NEWEST)} />}
    </>
  )
}

function Capacity({ used }: { readonly used: number }) {
  const say = useOverview()
  const { data } = useQuery(getSettingsOptions())
  const most = data?.limits.max_concurrent_calls ?? null
  if (most === null) return null
  const words = say('capacity', { used: number(used), most: number(most) })
  return (
    <div>
      <svg width="100%" height={6} aria-hidden="true">
        <rect width="100%" height={6} rx={3} fill="var(--mantine-color-default-border)" />
        <rect
          width={`${Math.min(100, (used / most) * 100)}%`}
          height={6}
          rx={3}
          fill={`var(--mantine-color-${used / most > FULL ? 'error' : 'anchor'})`}
        />
      </svg>
      <Text size="xs" c="dimmed" mt={4}>
        {words}
      </Text>
    </div>
  )
}
