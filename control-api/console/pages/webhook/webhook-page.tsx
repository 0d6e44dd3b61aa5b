// One webhook endpoint: how it stands, what one can do with it, and every delivery.
import { Alert, Anchor, Card, Text } from '@mantine/core'
import { ArrowLeftIcon } from '@primer/octicons-react'
import { useQuery } from '@tanstack/react-query'
import { Link, useParams } from 'wouter'
import { getWebhookOptions } from '../../api/generated/@tanstack/react-query.gen.ts'
import type { GetWebhookResponse } from '../../api/generated/types.gen.ts'
import { FactList } from '../../components/fact-list.tsx'
import { Loaded } from '../../components/loaded.tsx'
import { Moment } from '../../components/moment.tsx'
import { NeedsRole } from '../../components/needs-role.tsx'
import { PageFrame } from '../../components/page-frame.tsx'
import { useLive } from '../../live/live.tsx'
import { useMay } from '../../session/session.tsx'
import { number } from '../../words/amounts.ts'
import { EndpointState } from '../webhooks/endpoint-state.tsx'
import { hearWebhooks } from '../webhooks/fresh-webhooks.ts'
import { hostOf, shownAddress } from '../webhooks/shown-address.ts'
import { ToldTypes } from '../webhooks/told-types.tsx'
import { useWebhooks } from '../webhooks/words.ts'
import { Deliveries } from './deliveries.tsx'
import { EndpointActions } from './endpoint-actions.tsx'
import { TestButton, TestOutcome, useTest } from './test-button.tsx'
import { useWebhook } from './words.ts'

export function Component() {
  const say = useWebhook()
  const list = useWebhooks()
  const { endpoint_id: id = '' } = useParams()
  const may = useMay('admin')
  const query = useQuery({ ...getWebhookOptions({ path: { endpoint_id: id } }), enabled: may })
  useLive(hearWebhooks)
  const endpoint = may ? query.data : undefined
  if (endpoint) return <OneEndpoint endpoint={endpoint} />
  return (
    <PageFrame title={say('title_unknown')} actions={<BackToAll />}>
      <NeedsRole role="admin" about={list('about_role')}>
        <Loaded query={query}>{() => null}</Loaded>
      </NeedsRole>
    </PageFrame>
  )
}

function BackToAll() {
  const say = useWebhook()
  return (
    <Anchor component={Link} href="/webhooks" size="sm">
      <ArrowLeftIcon size={14} /> {say('back')}
    </Anchor>
  )
}

function OneEndpoint({ endpoint }: { readonly endpoint: GetWebhookResponse }) {
  const say = useWebhook()
  const test = useTest(endpoint)
  const { state } = endpoint
  const unavailable = state === 'disabled' ? say('needs_enabled') : undefined
  return (
    <PageFrame
      title={say('title', { host: hostOf(endpoint.url) })}
      actions={
        <>
          <TestButton test={test} unavailable={unavailable} />
          <EndpointActions endpoint={endpoint} />
        </>
      }
    >
      <div>
        <BackToAll />
      </div>
      {state !== 'enabled' && (
        <Alert color={state === 'failing' ? 'red' : 'gray'}>
          <Text size="sm">{say(state === 'failing' ? 'failing_what' : 'disabled_what')}</Text>
        </Alert>
      )}
      {test.sent !== null && <TestOutcome endpoint={endpoint} sent={test.sent} />}
      <Card withBorder>
        <EndpointFacts endpoint={endpoint} />
      </Card>
      <Deliveries endpoint={endpoint} unavailable={unavailable} />
    </PageFrame>
  )
}

function EndpointFacts({ endpoint }: { readonly endpoint: GetWebhookResponse }) {
  const say = useWebhook()
  const list = useWebhooks()
  const { waiting, dead, description, former_secret_until: former } = endpoint
  return (
    <FactList
      facts={[
        { name: list('address'), value: shownAddress(endpoint.url), isWide: true },
        { name: list('state'), value: <EndpointState endpoint={endpoint} /> },
        {
          name: say('counts'),
          value: say('counts_words', { waiting: number(waiting), dead: number(dead) }),
        },
        ...(description === null ? [] : [{ name: say('purpose'), value: description }]),
        { name: say('created'), value: <Moment at={endpoint.created_at} /> },
        { name: say('changed'), value: <Moment at={endpoint.updated_at} /> },
        ...(former === null ? [] : [{ name: say('former_secret'), value: <Moment at={former} /> }]),
        {
          name: list('told_of'),
          value: <ToldTypes types={endpoint.types} isWhole />,
          isWide: true,
        },
      ]}
    />
  )
}
