// A new application, and changes to one that is there.
import { Button, Modal } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { useAction } from '../../../components/use-action.ts'
import { useActionDialog } from '../../../components/use-action-dialog.ts'
import { refreshApplications } from '../../../components/voximplant/queries.ts'
import { addApplication, changeApplication } from '../../../components/voximplant/requests.ts'
import type { Account, Application } from '../../../components/voximplant/shapes.ts'
import { useMay } from '../../../session/session.tsx'
import { useCommon } from '../../../words/common.ts'
import { currentLanguage } from '../../../words/language.ts'
import {
  draftOf,
  emptyDraft,
  newApplicationOf,
  patchOf,
  type ApplicationDraft,
} from '../application-draft.ts'
import { useApplications } from '../words.ts'
import { ApplicationForm } from './application-form.tsx'

interface CreateApplicationProps {
  readonly accounts: readonly Account[]
}

export function CreateApplication({ accounts }: CreateApplicationProps) {
  const say = useApplications()
  const common = useCommon()
  const may = useMay('admin')
  const [isOpen, { open, close }] = useDisclosure()
  const usable = accounts.filter(({ is_active: isActive }) => isActive)
  const action = useAction((draft: ApplicationDraft) => addApplication(newApplicationOf(draft)), {
    showsFailure: true,
    done: say('created'),
    onDone: () => {
      close()
      void refreshApplications()
    },
  })
  const dialog = useActionDialog(action, { open, close })
  const why = may ? (usable.length === 0 ? say('needs_account') : undefined) : common('needs_admin')
  return (
    <>
      <Button size="xs" onClick={dialog.start} disabled={why !== undefined} title={why}>
        {say('create')}
      </Button>
      <Modal opened={isOpen} title={say('create')} size="lg" {...dialog.modal}>
        <ApplicationForm
          initial={emptyDraft(usable[0]?.account_id ?? '', currentLanguage())}
          accounts={usable}
          hasKey={false}
          submit={say('create')}
          isRunning={action.isRunning}
          error={action.error}
          onSubmit={(draft) => action.run(draft)}
          onCancel={close}
        />
      </Modal>
    </>
  )
}

export function EditApplication({ application }: { readonly application: Application }) {
  const say = useApplications()
  const common = useCommon()
  const may = useMay('admin')
  const [isOpen, { open, close }] = useDisclosure()
  const { application_id: id, application_name: name, has_elevenlabs_api_key: hasKey } = application
  const action = useAction(
    (draft: ApplicationDraft) => changeApplication(id, patchOf(draft, hasKey)),
    {
      showsFailure: true,
      done: say('saved'),
      onDone: () => {
        close()
        void refreshApplications()
      },
    },
  )
  const dialog = useActionDialog(action, { open, close })
  const title = say('edit_of', { name })
  return (
    <>
      <Button
        size="xs"
        variant="default"
        onClick={dialog.start}
        disabled={!may}
        title={may ? undefined : common('needs_admin')}
        aria-label={title}
      >
        {say('edit')}
      </Button>
      <Modal opened={isOpen} title={title} size="lg" {...dialog.modal}>
        <ApplicationForm
          initial={draftOf(application)}
          hasKey={hasKey}
          submit={common('save')}
          isRunning={action.isRunning}
          error={action.error}
          onSubmit={(draft) => action.run(draft)}
          onCancel={close}
        />
      </Modal>
    </>
  )
}
