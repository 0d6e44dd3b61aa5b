// Brings the scenario to Voximplant: what would change is shown first, and nothing else is done.
import { useState } from 'react'
import { Alert, Button, Group, List, Modal, Stack, Text } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { useQuery } from '@tanstack/react-query'
import { asProblem } from '../../../api/problem.ts'
import { Failure } from '../../../components/failure.tsx'
import { Loaded } from '../../../components/loaded.tsx'
import { useAction } from '../../../components/use-action.ts'
import { useActionDialog } from '../../../components/use-action-dialog.ts'
import { previewOptions, refreshApplications } from '../../../components/voximplant/queries.ts'
import { push } from '../../../components/voximplant/requests.ts'
import type { Application, PushPreview, PushResult } from '../../../components/voximplant/shapes.ts'
import { useMay } from '../../../session/session.tsx'
import { useCommon } from '../../../words/common.ts'
import { Changes } from './changes.tsx'
import { PlannedSteps, DoneSteps } from './steps.tsx'
import { useApplications } from '../words.ts'

export function PushButton({ application }: { readonly application: Application }) {
  const say = useApplications()
  const common = useCommon()
  const may = useMay('admin')
  const [isOpen, { open, close }] = useDisclosure()
  const { application_id: id, application_name: name } = application
  const [result, setResult] = useState<PushResult | null>(null)
  const action = useAction((current: string | null) => push(id, current), {
    showsFailure: true,
    onDone: (done) => {
      setResult(done)
      void refreshApplications()
    },
  })
  const dialog = useActionDialog(action, { open, close })
  return (
    <>
      <Button
        size="xs"
        disabled={!may}
        title={may ? undefined : common('needs_admin')}
        aria-label={say('push_of', { name })}
        onClick={() => {
          setResult(null)
          dialog.start()
        }}
      >
        {say('push')}
      </Button>
      <Modal
        opened={isOpen}
        title={say('push_of', { name })}
        size="min(70rem, 96vw)"
        {...dialog.modal}
      >
        {result === null ? (
          <Preview
            id={id}
            isRunning={action.isRunning}
            error={action.error}
            onPush={(current) => action.run(current)}
            onAgain={() => action.reset()}
            onCancel={close}
          />
        ) : (
          <Pushed result={result} onClose={close} />
        )}
      </Modal>
    </>
  )
}

interface PreviewProps {
  readonly id: string
  readonly isRunning: boolean
  readonly error: unknown
  readonly onPush: (current: string | null) => void
  readonly onAgain: () => void
  readonly onCancel: () => void
}

function Preview({ id, isRunning, error, onPush, onAgain, onCancel }: PreviewProps) {
  const say = useApplications()
  const common = useCommon()
  const query = useQuery(previewOptions(id))
  const lookAgain = (): void => {
    onAgain()
    void query.refetch()
  }
  return (
    <Loaded query={query}>
      {(preview) => (
        <Stack gap="md">
          <Problems problems={preview.problems} />
          <PlannedSteps steps={preview.steps} />
          <Changes preview={preview} />
          {error !== null && <Failure error={error} />}
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={onCancel} disabled={isRunning}>
              {common('cancel')}
            </Button>
            {isOutdated(error) ? (
              <Button onClick={lookAgain} loading={query.isFetching}>
                {say('look_again')}
              </Button>
            ) : (
              <Button
                onClick={() => onPush(preview.current?.sha256 ?? null)}
                loading={isRunning || query.isFetching}
                disabled={preview.problems.length > 0}
              >
                {say(preview.current === null || preview.is_same ? 'push' : 'overwrite')}
              </Button>
            )}
          </Group>
        </Stack>
      )}
    </Loaded>
  )
}

/** Somebody changed it there since it was looked at. */
const isOutdated = (error: unknown): boolean => error !== null && asProblem(error).status === 409

function Problems({ problems }: Pick<PushPreview, 'problems'>) {
  const say = useApplications()
  if (problems.length === 0) return null
  return (
    <Alert color="yellow" title={say('problems')} role="alert">
      <List size="sm" spacing={4}>
        {problems.map(({ field, problem }) => (
          <List.Item key={`${field} ${problem}`}>{problem}</List.Item>
        ))}
      </List>
    </Alert>
  )
}

interface PushedProps {
  readonly result: PushResult
  readonly onClose: () => void
}

function Pushed({ result, onClose }: PushedProps) {
  const say = useApplications()
  const common = useCommon()
  const isWhole = result.steps.every(({ ok }) => ok)
  return (
    <Stack gap="md">
      <Alert color={isWhole ? 'teal' : 'red'} role={isWhole ? 'status' : 'alert'}>
        <Text size="sm">{say(isWhole ? 'pushed' : 'pushed_partly')}</Text>
      </Alert>
      <DoneSteps steps={result.steps} />
      <Group justify="flex-end">
        <Button onClick={onClose}>{common('close')}</Button>
      </Group>
    </Stack>
  )
}
