// What the agent's vendor says of the call, asked for when somebody wants to see it.
import type { ReactNode } from 'react'
import { Anchor, Button, Card, Code, Stack, Text, Title } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { useQuery } from '@tanstack/react-query'
import { getCallConversationOptions } from '../../../api/generated/@tanstack/react-query.gen.ts'
import type { GetCallConversationResponse } from '../../../api/generated/types.gen.ts'
import { asProblem } from '../../../api/problem.ts'
import { Loaded } from '../../../components/loaded.tsx'
import { duration, moment, money, number } from '../../../words/amounts.ts'
import type { Call } from '../head/ending.ts'
import { Fact, Facts } from '../head/fact.tsx'
import { useVendorWords } from './words.ts'

type Conversation = GetCallConversationResponse['items'][number]

export function VendorCard({ call }: { readonly call: Call }) {
  const say = useVendorWords()
  const [isOpen, { toggle }] = useDisclosure()
  const isKnown = call.agent.opened_at !== null
  return (
    <Card withBorder component="section" aria-labelledby="vendor-title">
      <Stack gap="sm" align="flex-start">
        <Title order={2} size="h5" id="vendor-title">
          {say('title')}
        </Title>
        <Text size="sm" c="dimmed">
          {say(isKnown ? 'hint' : 'none_agent')}
        </Text>
        {isKnown && (
          <Button size="xs" variant="default" onClick={toggle} aria-expanded={isOpen}>
            {say(isOpen ? 'hide' : 'show')}
          </Button>
        )}
        {isOpen && <Conversations callId={call.call_id} />}
      </Stack>
    </Card>
  )
}

function Conversations({ callId }: { readonly callId: string }) {
  const say = useVendorWords()
  const query = useQuery(getCallConversationOptions({ path: { call_id: callId } }))
  if (isNone(query.error))
    return (
      <Text size="sm" role="status">
        {say('none')}
      </Text>
    )
  return (
    <Loaded query={query}>
      {({ items }) => (
        <Stack gap="lg" w="100%">
          {items.map((item) => (
            <OneConversation key={item.conversation_id} callId={callId} item={item} />
          ))}
        </Stack>
      )}
    </Loaded>
  )
}

const isNone = (error: unknown): boolean => error !== null && asProblem(error).status === 404

interface OneConversationProps {
  readonly callId: string
  readonly item: Conversation
}

function OneConversation({ callId, item }: OneConversationProps) {
  const say = useVendorWords()
  const { state, fetched_at: fetchedAt, summary, analysis, transcript } = item
  return (
    <Stack gap="sm">
      <Facts>
        <Fact name={say('vendor')}>{item.vendor}</Fact>
        <Fact name={say('state')}>
          {say(`state-${state}`)}
          {fetchedAt !== null && ` (${say('fetched', { at: moment(fetchedAt) })})`}
        </Fact>
        {item.duration_seconds !== null && (
          <Fact name={say('length')}>{duration(item.duration_seconds)}</Fact>
        )}
        {item.termination_reason !== null && (
          <Fact name={say('ended')}>{item.termination_reason}</Fact>
        )}
        {item.successful !== null && (
          <Fact name={say('successful')}>
            <Verdict verdict={item.successful} />
          </Fact>
        )}
        <Charge cost={item.cost} />
      </Facts>
      {summary !== null && (
        <Part title={say('summary')}>
          <Text size="sm">{summary}</Text>
        </Part>
      )}
      {analysis !== null && <AsSent title={say('analysis')} value={analysis} />}
      {transcript !== null && transcript.length > 0 && (
        <AsSent title={say('transcript')} value={transcript} />
      )}
      {item.has_audio && <VendorAudio callId={callId} />}
    </Stack>
  )
}

function VendorAudio({ callId }: { readonly callId: string }) {
  const say = useVendorWords()
  const address = `/api/calls/${callId}/conversation/audio`
  return (
    <Part title={say('audio')}>
      <Text size="sm" c="dimmed">
        {say('audio_hint')}
      </Text>
      <audio controls preload="none" src={address} aria-label={say('audio')} />
      <Anchor href={address} download={`${callId}.mp3`} size="sm">
        {say('download')}
      </Anchor>
    </Part>
  )
}

const Part = ({ title, children }: { readonly title: string; readonly children: ReactNode }) => (
  <Stack gap={4}>
    <Title order={3} size="h6">
      {title}
    </Title>
    {children}
  </Stack>
)

/** Whatever it is: as the vendor sent it. */
const AsSent = ({ title, value }: { readonly title: string; readonly value: unknown }) => (
  <details>
    <Text component="summary" size="sm" fw={600} style={{ cursor: 'pointer' }}>
      {title}
    </Text>
    <Code block mt={4} mah={320} tabIndex={0} style={{ overflow: 'auto' }}>
      {JSON.stringify(value, null, 2)}
    </Code>
  </details>
)

function Verdict({ verdict }: { readonly verdict: string }) {
  const say = useVendorWords()
  const isOurs = verdict === 'success' || verdict === 'failure' || verdict === 'unknown'
  return isOurs ? say(`verdict-${verdict}`) : verdict
}

function Charge({ cost: { credits, usd } }: { readonly cost: Conversation['cost'] }) {
  const say = useVendorWords()
  if (credits === null && usd === null) return null
  const parts = [
    ...(usd === null ? [] : [money(usd * 100)]),
    ...(credits === null ? [] : [say('credits', { credits: number(credits) })]),
  ]
  return <Fact name={say('charge')}>{parts.join(', ')}</Fact>
}
