// The secrets of others: by which keys they are encrypted, and encrypting them anew. None is ever shown.
import { Alert, Button, Code, Stack, Text } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { useQuery } from '@tanstack/react-query'
import { examineSecretsOptions } from '../../../api/generated/@tanstack/react-query.gen.ts'
import { rotateSecrets } from '../../../api/generated/sdk.gen.ts'
import type { ExamineSecretsResponse } from '../../../api/generated/types.gen.ts'
import { refresh } from '../../../api/queries.ts'
import { ConfirmButton } from '../../../components/confirm-button.tsx'
import { DataTable, type Column } from '../../../components/data-table.tsx'
import { FactList } from '../../../components/fact-list.tsx'
import { Loaded } from '../../../components/loaded.tsx'
import { NeedsRole } from '../../../components/needs-role.tsx'
import { number } from '../../../words/amounts.ts'
import { useCommon } from '../../../words/common.ts'
import { Section } from '../section.tsx'
import { keysOf, type KeyUse } from './key-uses.ts'
import { useSecrets } from './words.ts'

export function SecretsTab() {
  const say = useSecrets()
  return (
    <Stack>
      <NeedsRole role="admin" about={say('about_role')}>
        <Secrets />
      </NeedsRole>
      <Section title={say('change')} about={say('change_what')}>
        <Code block tabIndex={0}>
          SECRETS_KEY=k2:NEW,k1:OLD
        </Code>
      </Section>
    </Stack>
  )
}

function Secrets() {
  const say = useSecrets()
  const query = useQuery({ ...examineSecretsOptions(), refetchOnMount: 'always' })
  return (
    <Section
      title={say('title')}
      about={say('about')}
      isCard={false}
      actions={
        <>
          <Button
            size="xs"
            variant="default"
            loading={query.isFetching}
            onClick={() => void query.refetch()}
          >
            {say('examine')}
          </Button>
          <RotateSecrets report={query.data} />
        </>
      }
    >
      <Loaded query={query}>{(report) => <Report report={report} />}</Loaded>
    </Section>
  )
}

function RotateSecrets({ report }: { readonly report: ExamineSecretsResponse | undefined }) {
  const say = useSecrets()
  const common = useCommon()
  return (
    <ConfirmButton
      size="xs"
      color="signal"
      label={say('rotate')}
      consequences={say('rotate_what')}
      unavailable={report?.active_key_id === null ? say('none') : undefined}
      act={async () => (await rotateSecrets()).data}
      onDone={({ rewrapped }) => {
        const message =
          rewrapped === 0 ? say('nothing_to_rotate') : say('rotated', { count: rewrapped })
        const closeButtonProps = { 'aria-label': common('close') }
        notifications.show({ message, color: 'teal', closeButtonProps })
        void refresh('examineSecrets')
      }}
    />
  )
}

function Report({ report }: { readonly report: ExamineSecretsResponse }) {
  const say = useSecrets()
  const { active_key_id: active, secrets, unopened } = report
  if (active === null)
    return (
      <Alert color="yellow" title={say('none')}>
        {say('none_hint')}
      </Alert>
    )
  return (
    <>
      {unopened.length > 0 ? (
        <Alert color="red">{say('unopened')}</Alert>
      ) : (
        <Text size="sm" role="status">
          {say('all_well')}
        </Text>
      )}
      <FactList
        facts={[
          { name: say('active'), value: <Code>{active}</Code> },
          { name: say('kept'), value: number(secrets) },
        ]}
      />
      <KeyTable report={report} />
    </>
  )
}

function KeyTable({ report }: { readonly report: ExamineSecretsResponse }) {
  const say = useSecrets()
  const columns: readonly Column<KeyUse>[] = [
    { key: 'key', title: say('key'), cell: ({ keyId }) => <Code>{keyId}</Code> },
    {
      ...{ key: 'secrets', title: say('secrets'), isNumber: true },
      cell: ({ secrets }) => number(secrets),
    },
    { key: 'use', title: say('use'), cell: ({ use }) => say(`use_${use}`) },
  ]
  return (
    <DataTable
      label={say('by_key')}
      columns={columns}
      items={keysOf(report)}
      keyOf={({ keyId, use }) => `${keyId} ${use}`}
    />
  )
}
