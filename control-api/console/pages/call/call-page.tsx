// One call on one time axis.
import { Anchor, Skeleton, Stack, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Link, useParams } from 'wouter'
import {
  getCallOptions,
  getSettingsOptions,
} from '../../api/generated/@tanstack/react-query.gen.ts'
import type { GetSettingsResponse } from '../../api/generated/types.gen.ts'
import { asProblem } from '../../api/problem.ts'
import { Failure } from '../../components/failure.tsx'
import { Empty } from '../../components/loaded.tsx'
import { PageFrame } from '../../components/page-frame.tsx'
import { useCommon } from '../../words/common.ts'
import { OneCall } from './one-call.tsx'
import { useHeadWords } from './head/words.ts'

const GONE: ReadonlySet<number> = new Set([400, 404])

export function Component() {
  const { call_id: callId } = useParams<{ call_id: string }>()
  const say = useHeadWords()
  const { data: call, error, refetch } = useQuery(getCallOptions({ path: { call_id: callId } }))
  // Another call is another page: nothing of this one stays on it.
  if (call) return <OneCall key={call.call_id} call={call} />
  if (error === null) return <Coming />
  if (GONE.has(asProblem(error).status)) return <NoSuchCall />
  return (
    <PageFrame title={say('title_loading')}>
      <Failure error={error} retry={() => void refetch()} />
    </PageFrame>
  )
}

function Coming() {
  const say = useHeadWords()
  const common = useCommon()
  return (
    <PageFrame title={say('title_loading')}>
      <Stack role="status" aria-label={common('loading')}>
        <Skeleton h={150} />
        <Skeleton h={320} />
        <Skeleton h={240} />
      </Stack>
    </PageFrame>
  )
}

const ofCalls = ({ retention_days: { audio, transcripts, events } }: GetSettingsResponse) => ({
  ...{ audio, transcripts, events },
})

function NoSuchCall() {
  const say = useHeadWords()
  const { data: settings } = useQuery(getSettingsOptions())
  return (
    <PageFrame title={say('title_loading')}>
      <Empty title={say('no_such_call')}>
        <Text>
          {settings ? say('no_such_call_hint', ofCalls(settings)) : say('no_such_call_short')}
        </Text>
        <Anchor component={Link} href="/calls">
          {say('back')}
        </Anchor>
      </Empty>
    </PageFrame>
  )
}
