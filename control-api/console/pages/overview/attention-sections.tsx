// What somebody should look at: failures of today, and calls that were marked as a problem.
import { Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { listCallsOptions } from '../../api/generated/@tanstack/react-query.gen.ts'
import { Loaded } from '../../components/loaded.tsx'
import { CallList } from './call-list.tsx'
import { Section } from './section.tsx'
import { useFailures } from './use-failures.ts'
import { useOverview } from './words.ts'

const SHOWN = 5

export function FailuresSection() {
  const say = useOverview()
  const more = { href: '/calls?range=today&fault=any', label: say('all_failures') }
  return (
    <Section title={say('failures')} more={more}>
      <Loaded query={useFailures()}>
        {(calls) =>
          calls.length === 0 ? (
            <Text size="sm">{say('no_failures')}</Text>
          ) : (
            <CallList
              label={say('failures')}
              calls={calls}
              more={({ termination }) => termination?.reason ?? ''}
            />
          )
        }
      </Loaded>
    </Section>
  )
}

export function ProblemsSection() {
  const say = useOverview()
  const query = useQuery(listCallsOptions({ query: { review_status: 'problem', limit: SHOWN } }))
  const more = { href: '/calls?review_status=problem', label: say('all_problems') }
  return (
    <Section title={say('problems')} more={more}>
      <Loaded query={query}>
        {({ items }) =>
          items.length === 0 ? (
            <Text size="sm">{say('no_problems')}</Text>
          ) : (
            <CallList label={say('problems')} calls={items} />
          )
        }
      </Loaded>
    </Section>
  )
}
