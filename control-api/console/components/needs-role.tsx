// What one's key may not see: why it is not here, instead of a request that would be refused.
import type { ReactNode } from 'react'
import { Alert, Text } from '@mantine/core'
import { LockIcon } from '@primer/octicons-react'
import { useMay, type Role } from '../session/session.tsx'
import { useCommon } from '../words/common.ts'

interface NeedsRoleProps {
  readonly role: Exclude<Role, 'viewer'>
  /** What would be here. */
  readonly about?: string
  /** Not drawn, so nothing is asked of the server, without the role. */
  readonly children: ReactNode
}

export function NeedsRole({ role, about, children }: NeedsRoleProps) {
  const say = useCommon()
  const may = useMay(role)
  if (may) return children
  return (
    <Alert color="gray" variant="light" icon={<LockIcon />} title={say(`needs_${role}`)}>
      {about !== undefined && <Text size="sm">{about}</Text>}
    </Alert>
  )
}
