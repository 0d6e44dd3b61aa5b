// The scenario of an application: to be read, copied and taken along, with what it needs at Voximplant.
import { Button, Code, CopyButton, Group, List, Modal, Stack, Text } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { useQuery } from '@tanstack/react-query'
import { DownloadIcon } from '@primer/octicons-react'
import { FactList } from '../../components/fact-list.tsx'
import { Loaded } from '../../components/loaded.tsx'
import { scenarioOptions } from '../../components/voximplant/queries.ts'
import { scenarioFile } from '../../components/voximplant/requests.ts'
import type { Application, Scenario } from '../../components/voximplant/shapes.ts'
import { useCommon } from '../../words/common.ts'
import { useApplications } from './words.ts'

export function ScenarioButton({ application }: { readonly application: Application }) {
  const say = useApplications()
  const common = useCommon()
  const [isOpen, { open, close }] = useDisclosure()
  const { application_id: id, application_name: name } = application
  return (
    <>
      <Button size="xs" variant="default" onClick={open} aria-label={say('scenario_of', { name })}>
        {say('scenario')}
      </Button>
      <Modal
        opened={isOpen}
        onClose={close}
        title={say('scenario_of', { name })}
        size="min(70rem, 96vw)"
        closeButtonProps={{ 'aria-label': common('close') }}
      >
        <Content id={id} />
      </Modal>
    </>
  )
}

function Content({ id }: { readonly id: string }) {
  const query = useQuery(scenarioOptions(id))
  return <Loaded query={query}>{(scenario) => <Shown id={id} scenario={scenario} />}</Loaded>
}

function Shown({ id, scenario }: { readonly id: string; readonly scenario: Scenario }) {
  const say = useApplications()
  const common = useCommon()
  const { name, code, secrets, webhook_url: webhook } = scenario
  return (
    <Stack gap="md">
      <Text size="sm" c="dimmed">
        {say('scenario_about')}
      </Text>
      <FactList
        facts={[
          { name: say('scenario_name'), value: name, isWide: true },
          { name: say('webhook'), value: webhook, isWide: true },
        ]}
      />
      <Secrets secrets={secrets} />
      <Group gap="xs">
        <CopyButton value={code}>
          {({ copied, copy }) => (
            <Button size="xs" onClick={copy}>
              {copied ? common('copied') : common('copy')}
            </Button>
          )}
        </CopyButton>
        <Button
          size="xs"
          variant="default"
          component="a"
          href={scenarioFile(id)}
          download={`${name}.js`}
          leftSection={<DownloadIcon />}
        >
          {common('download')}
        </Button>
      </Group>
      <Code
        block
        mah="55vh"
        tabIndex={0}
        role="region"
        aria-label={say('scenario_code')}
        style={{ overflow: 'auto' }}
      >
        {code}
      </Code>
    </Stack>
  )
}

interface SecretsProps {
  readonly secrets: Scenario['secrets']
}

function Secrets({ secrets }: SecretsProps) {
  const say = useApplications()
  if (secrets.length === 0) return null
  return (
    <div>
      <Text size="sm" fw={600}>
        {say('secrets')}
      </Text>
      <Text size="sm" c="dimmed" mb={4}>
        {say('secrets_what')}
      </Text>
      <List size="sm" spacing={4}>
        {secrets.map(({ name, what }) => (
          <List.Item key={name}>
            <Code>{name}</Code> {what}
          </List.Item>
        ))}
      </List>
    </div>
  )
}
