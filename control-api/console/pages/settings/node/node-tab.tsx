// This node: what runs, how calls are treated, what it lets through at most.
import { Code, Group, Stack, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { getSettingsOptions } from '../../../api/generated/@tanstack/react-query.gen.ts'
import type { GetSettingsResponse } from '../../../api/generated/types.gen.ts'
import { FactList } from '../../../components/fact-list.tsx'
import { Loaded } from '../../../components/loaded.tsx'
import { money, number } from '../../../words/amounts.ts'
import { Section } from '../section.tsx'
import { useSettings } from '../words.ts'
import { Log } from './log.tsx'
import { useNode } from './words.ts'

interface NodeProps {
  readonly node: GetSettingsResponse
}

export function NodeTab() {
  const say = useSettings()
  const query = useQuery(getSettingsOptions())
  return (
    <Loaded query={query}>
      {(node) => (
        <Stack>
          <Running node={node} />
          <CallSettings node={node} />
          <Limits node={node} />
          <Log />
          <Text size="sm" c="dimmed" maw={760}>
            {say('by_environment')}
          </Text>
        </Stack>
      )}
    </Loaded>
  )
}

function Running({ node }: NodeProps) {
  const say = useNode()
  const { http_url: http, sip_uri: sip } = node.node
  return (
    <Section title={say('running')}>
      <FactList
        facts={[
          { name: say('version'), value: node.version },
          { name: say('mode'), value: say(node.rehearsal ? 'rehearsal' : 'real') },
          { name: say('database'), value: say(node.database) },
          { name: say('http'), value: <Code>{http}</Code> },
          { name: say('sip'), value: sip === '' ? say('sip_none') : <Code>{sip}</Code> },
        ]}
      />
    </Section>
  )
}

const CENTS = 100

function CallSettings({ node }: NodeProps) {
  const say = useNode()
  const { price_per_minute: price, default_agent_id: agent, vendors, rehearsal } = node
  const vendor = rehearsal ? 'vendor_simulated' : vendors.elevenlabs ? 'vendor_yes' : 'vendor_no'
  const twilio = !vendors.twilio ? 'twilio_no' : rehearsal ? 'vendor_simulated' : 'twilio_yes'
  return (
    <Section title={say('calls')} about={<Names of={CALL_NAMES} />}>
      <FactList
        facts={[
          { name: say('recording'), value: say(`recording-${node.record_calls}`) },
          { name: say('price'), value: say('price_value', { price: money(price * CENTS) }) },
          { name: say('vendor'), value: say(vendor) },
          { name: say('twilio'), value: say(twilio) },
          { name: say('agent'), value: agent === null ? say('agent_none') : <Code>{agent}</Code> },
          { name: say('prefixes'), value: <Prefixes prefixes={node.dial_allow_prefixes} /> },
        ]}
      />
    </Section>
  )
}

const CALL_NAMES = [
  'RECORD_CALLS',
  'ELEVENLABS_PRICE_PER_MINUTE',
  'ELEVENLABS_API_KEY',
  'ELEVENLABS_AGENT_ID',
  'TWILIO_ACCOUNT_SID',
  'TWILIO_AUTH_TOKEN',
  'TWILIO_PHONE_NUMBER',
  'DIAL_ALLOW_PREFIXES',
]
const LIMIT_NAMES = [
  'MAX_CONCURRENT_CALLS',
  'MAX_OUTBOUND_CALLS_PER_SECOND',
  'MAX_INBOUND_CALLS_PER_SECOND',
  'AGENT_MAX_SESSIONS',
]

function Names({ of }: { readonly of: readonly string[] }) {
  const say = useNode()
  return (
    <>
      {say('what_to_set')}: <span style={{ overflowWrap: 'anywhere' }}>{of.join(', ')}</span>
    </>
  )
}

function Prefixes({ prefixes }: { readonly prefixes: readonly string[] }) {
  const say = useNode()
  if (prefixes.length === 0) return say('prefixes_none')
  if (prefixes.includes('+')) return say('prefixes_all')
  return (
    <Group gap={4}>
      {prefixes.map((prefix) => (
        <Code key={prefix}>{prefix}</Code>
      ))}
    </Group>
  )
}

function Limits({ node: { limits } }: NodeProps) {
  const say = useNode()
  const words = (limit: number | null): string =>
    limit === null ? say('no_limit') : number(limit, 1)
  return (
    <Section title={say('limits')} about={<Names of={LIMIT_NAMES} />}>
      <FactList
        facts={[
          { name: say('concurrent'), value: words(limits.max_concurrent_calls) },
          { name: say('outbound'), value: words(limits.max_outbound_calls_per_second) },
          { name: say('inbound'), value: words(limits.max_inbound_calls_per_second) },
          { name: say('sessions'), value: words(limits.agent_max_sessions) },
        ]}
      />
    </Section>
  )
}
