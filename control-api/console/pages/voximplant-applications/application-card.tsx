// One application: what it links, and whether its scenario is at Voximplant as it is here.
import { Anchor, Badge, Card, Group, Stack, Text, Title } from '@mantine/core'
import { Link } from 'wouter'
import { ConfirmButton } from '../../components/confirm-button.tsx'
import { FactList } from '../../components/fact-list.tsx'
import { Moment } from '../../components/moment.tsx'
import { historyOf } from '../../components/voximplant/paths.ts'
import { refreshApplications } from '../../components/voximplant/queries.ts'
import { removeApplication } from '../../components/voximplant/requests.ts'
import type { Application } from '../../components/voximplant/shapes.ts'
import { useMay } from '../../session/session.tsx'
import { duration } from '../../words/amounts.ts'
import { useCommon } from '../../words/common.ts'
import { EditApplication } from './form/edit-dialogs.tsx'
import { PushButton } from './push/push-button.tsx'
import { ScenarioButton } from './scenario-dialog.tsx'
import { useApplications } from './words.ts'

export function ApplicationCard({ application }: { readonly application: Application }) {
  const say = useApplications()
  return (
    <Card withBorder role="listitem">
      <Stack gap="md">
        <Group gap="sm" justify="space-between" align="flex-start">
          <Group gap="sm" miw={0}>
            <Title order={3} size="h4" style={{ overflowWrap: 'anywhere' }}>
              {application.application_name}
            </Title>
            <PushState application={application} />
          </Group>
          <Actions application={application} />
        </Group>
        <Facts application={application} />
        <Anchor component={Link} href={historyOf(application.application_id)} size="sm">
          {say('to_calls', { name: application.application_name })}
        </Anchor>
      </Stack>
    </Card>
  )
}

function PushState({
  application: { is_pushed_current: isCurrent },
}: {
  application: Application
}) {
  const say = useApplications()
  const [color, words] =
    isCurrent === null
      ? (['gray', 'never_pushed'] as const)
      : isCurrent
        ? (['teal', 'is_pushed'] as const)
        : (['yellow', 'is_older'] as const)
  return (
    <Badge variant="light" color={color}>
      {say(words)}
    </Badge>
  )
}

function Actions({ application }: { readonly application: Application }) {
  const say = useApplications()
  const common = useCommon()
  const may = useMay('admin')
  const { application_id: id, application_name: name } = application
  return (
    <Group gap="xs">
      <PushButton application={application} />
      <ScenarioButton application={application} />
      <EditApplication application={application} />
      <ConfirmButton
        size="xs"
        label={common('remove')}
        ariaLabel={say('remove_of', { name })}
        consequences={say('remove_what')}
        typed={name}
        act={() => removeApplication(id)}
        done={say('removed')}
        onDone={() => void refreshApplications()}
        unavailable={may ? undefined : common('needs_admin')}
      />
    </Group>
  )
}

function Facts({ application }: { readonly application: Application }) {
  const say = useApplications()
  const common = useCommon()
  const { options, pushed_at: pushedAt, voximplant_application_id: vendorId } = application
  const facts = [
    {
      name: say('vendor_application'),
      value: application.voximplant_application_name ?? vendorId ?? say('not_chosen'),
    },
    { name: say('rule'), value: application.rule_name ?? application.rule_id ?? say('no_rule') },
    { name: say('number'), value: application.phone_number ?? common('none') },
    {
      name: say('agent'),
      value: (
        <>
          {application.elevenlabs_agent_id}
          {application.has_elevenlabs_api_key && (
            <Text span inherit c="dimmed">
              {' '}
              ({say('with_own_key')})
            </Text>
          )}
        </>
      ),
    },
    { name: say('recording'), value: say(`recording_${options.recording}`) },
    { name: say('longest'), value: duration(options.max_duration_seconds) },
    {
      name: say('machine'),
      value: options.answering_machine_model ?? say('machine_off'),
    },
    { name: say('last_push'), value: pushedAt === null ? say('never') : <Moment at={pushedAt} /> },
  ]
  return <FactList facts={facts} />
}
