// Who spoke with whom, when, for how long, and whatever else is known of the call as a whole.
import type { ReactNode } from 'react'
import { ActionIcon, Badge, Card, CopyButton, Group, Stack, Text } from '@mantine/core'
import { ArrowRightIcon, CheckIcon, CopyIcon } from '@primer/octicons-react'
import { CallState } from '../../../components/call-state.tsx'
import { useMenuWords } from '../../../components/menu-words.ts'
import { Moment } from '../../../components/moment.tsx'
import { telephonyWords } from '../../../components/call-cost.ts'
import { providerName } from '../../../components/provider-name.ts'
import { duration, moment } from '../../../words/amounts.ts'
import { useCommon } from '../../../words/common.ts'
import { ringingSeconds, talkingSeconds, type Call } from './ending.ts'
import { Fact, Facts } from './fact.tsx'
import { useKeyName } from './key-name.ts'
import { languageName } from './language-name.ts'
import { useNow } from './use-now.ts'
import { ApplicationName } from './application-name.tsx'
import { useHeadWords } from './words.ts'

interface HeadCardProps {
  readonly call: Call
  /** What one can do with a call that goes on. */
  readonly actions?: ReactNode
}

export function HeadCard({ call, actions }: HeadCardProps) {
  const say = useHeadWords()
  const common = useCommon()
  const isLive = call.status !== 'ended'
  return (
    <Card withBorder>
      <Stack gap="md">
        <Group justify="space-between" gap="sm">
          <Group gap="sm">
            <Group gap="xs" fz={{ base: 'lg', sm: 'xl' }} fw={600}>
              <span>{call.from ?? say('anonymous')}</span>
              <ArrowRightIcon aria-label={say('to')} />
              <span>{call.to}</span>
            </Group>
            <Group gap={6}>
              <CallState call={call} />
              {isLive && (
                <Badge variant="dot" color="red">
                  {say('live')}
                </Badge>
              )}
              <Badge variant="default">{common(call.direction)}</Badge>
              {call.attempt > 1 && (
                <Badge variant="default">{say('attempt', { n: call.attempt })}</Badge>
              )}
            </Group>
          </Group>
          {actions !== undefined && <Group gap="xs">{actions}</Group>}
        </Group>
        <CallFacts call={call} isLive={isLive} />
      </Stack>
    </Card>
  )
}

function CallFacts({ call, isLive }: { readonly call: Call; readonly isLive: boolean }) {
  const say = useHeadWords()
  const common = useCommon()
  const menu = useMenuWords()
  const now = useNow(isLive)
  const rang = ringingSeconds(call, now)
  const talked = talkingSeconds(call, now)
  const metadata = Object.entries(call.metadata)
  const charged = telephonyWords(call.cost)
  return (
    <Facts>
      <Fact name={say('began')}>
        <Moment at={call.created_at} />
      </Fact>
      <Fact name={say('rang')}>{rang === null ? say('never_rang') : duration(rang)}</Fact>
      <Fact name={say('talked')}>{talked === null ? say('not_answered') : duration(talked)}</Fact>
      {call.provider === 'sip' ? (
        <Fact name={say('trunk')}>{call.trunk}</Fact>
      ) : (
        <Fact name={say('provider')}>{providerName(call.provider)}</Fact>
      )}
      {call.application_id !== null && (
        <Fact name={say('application')}>
          <ApplicationName provider={call.provider} applicationId={call.application_id} />
        </Fact>
      )}
      {charged !== undefined && <Fact name={say('telephony')}>{charged}</Fact>}
      <Fact name={say('agent')}>{call.agent.agent_id || common('none')}</Fact>
      <Fact name={say('placed_by')}>
        <PlacedBy call={call} />
      </Fact>
      {call.language !== null && <Fact name={say('language')}>{languageName(call.language)}</Fact>}
      {call.machine !== null && (
        <Fact name={say('machine')}>{menu('verdict', call.machine.verdict)}</Fact>
      )}
      {call.consent !== null && (
        <Fact name={say('consent')} isWide>
          <Consent consent={call.consent} />
        </Fact>
      )}
      {metadata.map(([name, value]) => (
        <Fact key={name} name={`${say('metadata')}: ${name}`}>
          {typeof value === 'string' ? value : JSON.stringify(value)}
        </Fact>
      ))}
      <CallIds call={call} />
    </Facts>
  )
}

function CallIds({ call }: { readonly call: Call }) {
  const say = useHeadWords()
  const common = useCommon()
  return (
    <>
      <Fact name={say('call_id')} isWide>
        <Group component="span" gap={4} wrap="nowrap">
          <Text span inherit ff="monospace" fz="xs" miw={0}>
            {call.call_id}
          </Text>
          <CopyButton value={call.call_id}>
            {({ copied, copy }) => (
              <ActionIcon
                variant="subtle"
                size="sm"
                onClick={copy}
                aria-label={copied ? common('copied') : say('copy_call_id')}
              >
                {copied ? <CheckIcon size={14} /> : <CopyIcon size={14} />}
              </ActionIcon>
            )}
          </CopyButton>
        </Group>
      </Fact>
      {call.agent.conversation_id !== null && (
        <Fact name={say('conversation_id')} isWide>
          <Text span inherit ff="monospace" fz="xs">
            {call.agent.conversation_id}
          </Text>
        </Fact>
      )}
    </>
  )
}

function PlacedBy({ call }: { readonly call: Call }) {
  const say = useHeadWords()
  const { placed_by: keyId } = call
  const name = useKeyName(keyId === 'rehearsal' ? null : keyId)
  if (keyId === null) return call.direction === 'inbound' ? say('came_in') : '–'
  return keyId === 'rehearsal' ? say('by_rehearsal') : name
}

function Consent({ consent }: { readonly consent: NonNullable<Call['consent']> }) {
  const say = useHeadWords()
  const { given, at, prompt_version: version } = consent
  return say('consent_words', {
    given: say(given ? 'consent_given' : 'consent_refused'),
    at: moment(at),
    version: version ?? '–',
  })
}
