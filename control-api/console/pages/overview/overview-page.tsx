// Overview: what goes on, how today compares, what it saved, and what needs somebody.
import { lazy, Suspense } from 'react'
import { Alert, SimpleGrid } from '@mantine/core'
import { PageFrame } from '../../components/page-frame.tsx'
import { useTrunks } from '../../components/use-trunks.ts'
import { AgentSection } from './agent-section.tsx'
import { FailuresSection, ProblemsSection } from './attention-sections.tsx'
import { GuardSection } from './guard-section.tsx'
import { NowSection } from './now-section.tsx'
import { TodaySection } from './today-section.tsx'
import { TrunksSection } from './trunks-section.tsx'
import { useDays } from './use-days.ts'
import { useOverview } from './words.ts'

/** Not part of what is waited for first. */
const TrySection = lazy(async () => ({ default: (await import('./try-section.tsx')).TrySection }))

const TWO = { base: 1, md: 2 } as const

export function Component() {
  const say = useOverview()
  const days = useDays()
  const trunks = useTrunks()
  const { current, past } = days
  const counted = current.data !== undefined && past.data !== undefined
  const hasCalls = !counted || current.data.totals.calls + past.data.totals.calls > 0
  const tryIt = (
    <Suspense fallback={null}>
      <TrySection hasCalls={hasCalls} />
    </Suspense>
  )
  return (
    <PageFrame title={say('title')}>
      {trunks.data?.sip_server_away && (
        <Alert color="red" role="alert">
          {say('sip_away')}
        </Alert>
      )}
      {!hasCalls && tryIt}
      <SimpleGrid cols={TWO}>
        <NowSection />
        <SimpleGrid cols={1}>
          <TrunksSection query={trunks} />
          <AgentSection />
        </SimpleGrid>
      </SimpleGrid>
      <TodaySection {...days} />
      <SimpleGrid cols={{ base: 1, md: 3 }}>
        <GuardSection {...days} />
        <FailuresSection />
        <ProblemsSection />
      </SimpleGrid>
      {hasCalls && tryIt}
    </PageFrame>
  )
}
