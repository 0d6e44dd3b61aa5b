// Who animates: how busy each is, whether it is simulated, and, when asked, what is left to spend there.
import { useState } from 'react'
import { Badge, Button, Card, Group, SimpleGrid, Stack, Text, Title } from '@mantine/core'
import { problemWords } from '../../../components/failure.tsx'
import { Loaded } from '../../../components/loaded.tsx'
import { useAction } from '../../../components/use-action.ts'
import { asProblem } from '../../../api/problem.ts'
import { useMay } from '../../../session/session.tsx'
import { number } from '../../../words/amounts.ts'
import { useCommon } from '../../../words/common.ts'
import { useProviders } from '../queries.ts'
import { readBalance } from '../requests.ts'
import { PROVIDER_NAMES, type Balance, type Provider } from '../shapes.ts'
import { useProviderWords } from './words.ts'

export function ProviderCards() {
  const say = useProviderWords()
  const query = useProviders()
  return (
    <section aria-label={say('providers')}>
      <Loaded query={query}>
        {({ items }) => (
          <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="sm">
            {items.map((one) => (
              <ProviderCard key={one.provider} known={one} />
            ))}
          </SimpleGrid>
        )}
      </Loaded>
    </section>
  )
}

function ProviderCard({ known }: { readonly known: Provider }) {
  const say = useProviderWords()
  const common = useCommon()
  const { is_configured: isConfigured, default_voice_id: voice } = known
  const name = PROVIDER_NAMES[known.provider]
  return (
    <Card withBorder padding="sm" component="section" aria-label={name}>
      <Stack gap={6}>
        <Group gap="xs">
          <Title order={2} size="h5">
            {name}
          </Title>
          {known.is_default && isConfigured && <Badge variant="light">{say('default')}</Badge>}
          {known.is_simulated && (
            <Badge variant="light" color="gray" title={say('simulated_hint')}>
              {say('simulated')}
            </Badge>
          )}
          {!isConfigured && (
            <Badge variant="light" color="gray">
              {say('not_configured')}
            </Badge>
          )}
        </Group>
        {isConfigured ? (
          <>
            <Text size="sm" c="dimmed">
              {say('busy', { active: known.active_jobs, most: known.max_jobs ?? 0 })}{' '}
              {say('voice', { voice: voice ?? common('none') })}
            </Text>
            <BalanceLine known={known} />
          </>
        ) : (
          <Text size="sm" c="dimmed">
            {say(`configure_${known.provider}`)}
          </Text>
        )}
      </Stack>
    </Card>
  )
}

function BalanceLine({ known: { provider } }: { readonly known: Provider }) {
  const say = useProviderWords()
  const common = useCommon()
  const may = useMay('operator')
  const [balance, setBalance] = useState<Balance | null>(null)
  const action = useAction(() => readBalance(provider), {
    showsFailure: true,
    onDone: setBalance,
  })
  const { error } = action
  return (
    <Group gap="sm">
      <Button
        size="compact-xs"
        variant="default"
        loading={action.isRunning}
        disabled={!may}
        title={may ? undefined : common('needs_operator')}
        aria-label={say('balance_of', { name: PROVIDER_NAMES[provider] })}
        onClick={() => action.run()}
      >
        {say('balance')}
      </Button>
      <Text size="sm" role="status" miw={0} style={{ overflowWrap: 'anywhere' }}>
        {error !== null ? (
          <Text span inherit c="var(--mantine-color-error)">
            {problemWords(asProblem(error), common)}
          </Text>
        ) : (
          balance !== null && balanceWords(balance, say)
        )}
      </Text>
    </Group>
  )
}

function balanceWords(
  { remaining, unit }: Balance,
  say: ReturnType<typeof useProviderWords>,
): string {
  if (remaining === null) return say('balance_untold')
  return say('balance_left', { remaining: number(remaining, 2), unit })
}
