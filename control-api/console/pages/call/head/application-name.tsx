// By which application of Voximplant a call went: its name, which leads to its calls; of one that is gone its id.
import { Anchor } from '@mantine/core'
import { Link } from 'wouter'
import { historyOf } from '../../../components/voximplant/paths.ts'
import { useApplications } from '../../../components/voximplant/queries.ts'

interface ApplicationNameProps {
  readonly provider: string
  readonly applicationId: string
}

export function ApplicationName({ provider, applicationId }: ApplicationNameProps) {
  return provider === 'voximplant' ? <Named applicationId={applicationId} /> : applicationId
}

function Named({ applicationId }: Pick<ApplicationNameProps, 'applicationId'>) {
  const { data } = useApplications()
  const found = data?.items.find(({ application_id: id }) => id === applicationId)
  if (!found) return applicationId
  return (
    <Anchor component={Link} href={historyOf(applicationId)} size="sm">
      {found.application_name}
    </Anchor>
  )
}
