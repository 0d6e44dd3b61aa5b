// How one tries this node: an address to call, numbers to dial, a line for a terminal.
import { useState } from 'react'
import { Anchor, Button, Code, CopyButton, Group, SimpleGrid, Stack, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Link } from 'wouter'
import { getHowToOptions } from '../../api/generated/@tanstack/react-query.gen.ts'
import type { GetHowToResponse } from '../../api/generated/types.gen.ts'
import { Loaded } from '../../components/loaded.tsx'
import { isNobody, useSession } from '../../session/session.tsx'
import { useCommon } from '../../words/common.ts'
import { Section } from './section.tsx'
import { useTry } from './try-words.ts'

/** A node that costs money invites nobody: it says where calls arrive, once it was never called. */
export function TrySection({ hasCalls }: { readonly hasCalls: boolean }) {
  const say = useTry()
  const query = useQuery(getHowToOptions())
  // What the node said stands, should it fail to say so again.
  const isInvited = !hasCalls || (query.data?.rehearsal ?? query.isError)
  if (!isInvited) return null
  return (
    <Section title={say('try')}>
      <Loaded query={query}>{(howTo) => <HowTo howTo={howTo} hasCalls={hasCalls} />}</Loaded>
    </Section>
  )
}

interface HowToProps {
  readonly howTo: GetHowToResponse
  readonly hasCalls: boolean
}

function HowTo({ howTo, hasCalls }: HowToProps) {
  const say = useTry()
  const session = useSession()
  const curl = isNobody(session)
    ? howTo.example_curl
    : howTo.example_curl.replace(' -H', ' -H "Authorization: Bearer $API_KEY" -H')
  return (
    <Stack gap="md">
      {!hasCalls && <Text fw={600}>{say('no_calls')}</Text>}
      {howTo.rehearsal && (
        <Text size="sm" c="dimmed">
          {say('try_rehearsal')}
        </Text>
      )}
      <SimpleGrid cols={{ base: 1, md: 2 }} spacing="lg">
        <Stack gap="sm">
          {howTo.sip_uri === '' ? (
            <Text size="sm">{say('sip_starting')}</Text>
          ) : (
            <Copied label={say(howTo.rehearsal ? 'call_in' : 'arrives')} text={howTo.sip_uri} />
          )}
          <Copied label={say('curl')} text={curl} />
        </Stack>
        <Demo numbers={howTo.demo_numbers} />
      </SimpleGrid>
    </Stack>
  )
}

function Copied({ label, text }: { readonly label: string; readonly text: string }) {
  const common = useCommon()
  return (
    <div>
      <Text size="sm">{label}</Text>
      <Group gap="xs" align="flex-start" mt={4}>
        <Code block flex={1} style={{ overflowWrap: 'anywhere', whiteSpace: 'pre-wrap' }}>
          {text}
        </Code>
        <CopyButton value={text}>
          {({ copied, copy }) => (
            <Button
              size="xs"
              variant="default"
              onClick={copy}
              aria-label={`${copied ? common('copied') : common('copy')}: ${label}`}
            >
              {copied ? common('copied') : common('copy')}
            </Button>
          )}
        </CopyButton>
      </Group>
    </div>
  )
}

const FIRST = 6

function Demo({ numbers }: { readonly numbers: GetHowToResponse['demo_numbers'] }) {
  const say = useTry()
  const [areAll, showAll] = useState(false)
  if (numbers.length === 0)
    return (
      <Stack gap="xs" align="flex-start">
        <Text size="sm">{say('call_out')}</Text>
        <Button size="xs" component={Link} href="/dial">
          {say('dial')}
        </Button>
      </Stack>
    )
  return (
    <Stack gap={4} align="flex-start">
      <Text size="sm">{say('demo')}</Text>
      {(areAll ? numbers : numbers.slice(0, FIRST)).map(({ number, what }) => (
        <Text size="sm" key={number}>
          <Anchor
            renderRoot={(props) => (
              <Link {...props} href="/dial" state={{ phone_number: number }} />
            )}
            inherit
            underline="always"
            aria-label={say('dial_number', { number, what })}
          >
            {number}
          </Anchor>{' '}
          <Text span c="dimmed" inherit>
            {what}
          </Text>
        </Text>
      ))}
      {!areAll && numbers.length > FIRST && (
        <Button size="compact-sm" variant="subtle" onClick={() => showAll(true)}>
          {say('more_numbers', { count: numbers.length })}
        </Button>
      )}
    </Stack>
  )
}
