// The consent that the caller gave or refused in the menu, with its proof, and taking it back on the caller's wish.
import { ActionIcon, Badge, Card, CopyButton, Group, Stack, Text, Title } from '@mantine/core'
import { CheckIcon, CopyIcon } from '@primer/octicons-react'
import { withdrawConsent } from '../../../api/generated/sdk.gen.ts'
import { refresh } from '../../../api/queries.ts'
import { ConfirmButton } from '../../../components/confirm-button.tsx'
import { Moment } from '../../../components/moment.tsx'
import { useMay } from '../../../session/session.tsx'
import { useCommon } from '../../../words/common.ts'
import { Fact, Facts } from '../head/fact.tsx'
import { useKeyName } from '../head/key-name.ts'
import { languageName } from '../head/language-name.ts'
import type { Flow } from './menu-rows.ts'
import { useMenuCardWords } from './words.ts'

type Consent = NonNullable<Flow['consent']>

interface ConsentCardProps {
  readonly callId: string
  /** Null: nobody was asked in the menu. */
  readonly consent: Consent | null | undefined
}

export function ConsentCard({ callId, consent }: ConsentCardProps) {
  const say = useMenuCardWords()
  if (!consent) return null
  const { given, withdrawn_at: withdrawnAt } = consent
  const state = withdrawnAt !== null ? 'withdrawn' : given ? 'given' : 'refused'
  return (
    <Card withBorder component="section" aria-labelledby="consent-title">
      <Stack gap="sm">
        <Group justify="space-between" gap="xs">
          <Title order={2} size="h5" id="consent-title">
            {say('consent')}
          </Title>
          <Badge variant="light" color={state === 'given' ? 'teal' : 'gray'}>
            {say(state)}
          </Badge>
        </Group>
        <Proof consent={consent} />
        {state === 'given' && <Withdraw callId={callId} />}
      </Stack>
    </Card>
  )
}

function Proof({ consent }: { readonly consent: Consent }) {
  const say = useMenuCardWords()
  const common = useCommon()
  const { given, at, language, digit, attempt, text_sha256: hash } = consent
  const withdrawnBy = useKeyName(consent.withdrawn_by)
  return (
    <Facts>
      <Fact name={say(given ? 'given_at' : 'refused_at')}>
        <Moment at={at} />
      </Fact>
      {consent.withdrawn_at !== null && (
        <Fact name={say('withdrawn_at')}>
          <Moment at={consent.withdrawn_at} />
          {withdrawnBy !== null && `, ${withdrawnBy}`}
        </Fact>
      )}
      <Fact name={say('language')}>{languageName(language)}</Fact>
      <Fact name={say('pressed')}>
        {digit === null ? common('unknown') : say('key', { digit })}
        {attempt !== null && attempt > 1 && `, ${say('attempt', { attempt })}`}
      </Fact>
      <Fact name={say('wording')}>
        {consent.prompt_id}, {consent.prompt_version}
      </Fact>
      <Fact name={say('asked_by')}>{consent.system_version}</Fact>
      <Fact name={say('hash')} isWide>
        {hash === null ? say('hash_none') : <Hash hash={hash} />}
      </Fact>
    </Facts>
  )
}

const SHOWN = 16

function Hash({ hash }: { readonly hash: string }) {
  const say = useMenuCardWords()
  const common = useCommon()
  return (
    <Group component="span" gap={4} wrap="nowrap">
      <Text span inherit ff="monospace" fz="xs" title={hash}>
        {hash.slice(0, SHOWN)}…
      </Text>
      <CopyButton value={hash}>
        {({ copied, copy }) => (
          <ActionIcon
            variant="subtle"
            size="sm"
            onClick={copy}
            aria-label={copied ? common('copied') : say('copy_hash')}
          >
            {copied ? <CheckIcon size={14} /> : <CopyIcon size={14} />}
          </ActionIcon>
        )}
      </CopyButton>
    </Group>
  )
}

function Withdraw({ callId }: { readonly callId: string }) {
  const say = useMenuCardWords()
  const common = useCommon()
  const may = useMay('operator')
  return (
    <Stack gap={4} align="flex-start">
      <ConfirmButton
        label={say('withdraw')}
        size="xs"
        color="red"
        variant="light"
        consequences={say('withdraw_consequences')}
        done={say('withdraw_done')}
        unavailable={may ? undefined : common('needs_operator')}
        act={() => withdrawConsent({ path: { call_id: callId } })}
        onDone={() => void refresh('getCallFlow', 'getCall', 'getCallTimeline', 'listSilences')}
      />
      <Text size="xs" c="dimmed">
        {may ? say('withdraw_hint') : common('needs_operator')}
      </Text>
    </Stack>
  )
}
