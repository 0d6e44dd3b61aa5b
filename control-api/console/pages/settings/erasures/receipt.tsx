// The receipt of an erasure: how far it is, what went, what is left, and by whom it was asked for.
import { Alert, Anchor, Badge, Button, Code, Group, List, Stack, Text, Title } from '@mantine/core'
import { ArrowLeftIcon, DownloadIcon } from '@primer/octicons-react'
import { useQuery } from '@tanstack/react-query'
import { Link } from 'wouter'
import { getErasureOptions } from '../../../api/generated/@tanstack/react-query.gen.ts'
import { FactList } from '../../../components/fact-list.tsx'
import { Loaded } from '../../../components/loaded.tsx'
import { Moment } from '../../../components/moment.tsx'
import { saveJson } from '../../../components/save-json.ts'
import { number } from '../../../words/amounts.ts'
import { useCommon } from '../../../words/common.ts'
import { Section } from '../section.tsx'
import { TABS } from '../tab-paths.ts'
import { ErasureState, type Erasure } from './erasure-state.tsx'
import { notCoveredKey } from './not-covered.ts'
import { Steps } from './steps.tsx'
import { useErasures } from './words.ts'

interface ReceiptProps {
  readonly erasure: Erasure
}

export function Receipt({ erasureId }: { readonly erasureId: string }) {
  const say = useErasures()
  const query = useQuery(getErasureOptions({ path: { erasure_id: erasureId } }))
  return (
    <Stack>
      <Anchor component={Link} href={TABS.erasures} size="sm">
        <ArrowLeftIcon size={14} /> {say('back')}
      </Anchor>
      <Loaded query={query}>{(erasure) => <Whole erasure={erasure} />}</Loaded>
    </Stack>
  )
}

function Whole({ erasure }: ReceiptProps) {
  const say = useErasures()
  return (
    <Section
      title={say('receipt')}
      actions={
        <Button
          size="xs"
          variant="default"
          leftSection={<DownloadIcon />}
          onClick={() => saveJson(erasure, `${erasure.erasure_id}.json`)}
        >
          {say('download')}
        </Button>
      }
    >
      <div role="status">
        <ErasureState state={erasure.state} />
      </div>
      {erasure.state === 'incomplete' && <Alert color="red">{say('incomplete_what')}</Alert>}
      <Steps erasure={erasure} />
      <Erased erasure={erasure} />
      <LeftAtVendor erasure={erasure} />
      <About erasure={erasure} />
      <NotCovered erasure={erasure} />
    </Section>
  )
}

function Erased({ erasure: { erased, state } }: ReceiptProps) {
  const say = useErasures()
  const some = Object.entries(erased).filter(([, count]) => count > 0)
  if (some.length === 0)
    return state === 'done' ? <Text size="sm">{say('nothing_found')}</Text> : null
  return (
    <Group gap={6}>
      {some.map(([kind, count]) => (
        <Badge key={kind} variant="default" tt="none" size="lg" fw={500}>
          {say(`erased_${kind as keyof Erasure['erased']}`)}: {number(count)}
        </Badge>
      ))}
    </Group>
  )
}

function LeftAtVendor({ erasure: { vendor } }: ReceiptProps) {
  const say = useErasures()
  if (vendor.left.length === 0) return null
  return (
    <div>
      <Title order={3} size="h6" mb={6}>
        {say('left')}
      </Title>
      <List size="sm" spacing={4}>
        {vendor.left.map(({ conversation_id: id, why }) => (
          <List.Item key={id}>
            <Code>{id}</Code> {why}
          </List.Item>
        ))}
      </List>
    </div>
  )
}

function About({ erasure }: ReceiptProps) {
  const say = useErasures()
  const common = useCommon()
  const { finished_at: finished } = erasure
  return (
    <FactList
      facts={[
        { name: say('when'), value: <Moment at={erasure.created_at} /> },
        { name: say('finished'), value: finished ? <Moment at={finished} /> : common('no') },
        { name: say('by'), value: <Code>{erasure.key_id}</Code> },
        { name: say('reason'), value: erasure.reason ?? say('reason_none') },
        { name: say('id'), value: <Code>{erasure.erasure_id}</Code>, isWide: true },
        {
          ...{ name: say('hash'), isWide: true },
          value: (
            <>
              <Code>{erasure.number_hash}</Code>
              <Text size="xs" c="dimmed" mt={4}>
                {say('hash_hint')}
              </Text>
            </>
          ),
        },
      ]}
    />
  )
}

function NotCovered({ erasure }: ReceiptProps) {
  const say = useErasures()
  return (
    <div>
      <Title order={3} size="h6" mb={6}>
        {say('not_covered')}
      </Title>
      <List size="sm" spacing={4}>
        {erasure.not_covered.map((sentence) => {
          const key = notCoveredKey(sentence)
          return <List.Item key={sentence}>{key === undefined ? sentence : say(key)}</List.Item>
        })}
      </List>
    </div>
  )
}
