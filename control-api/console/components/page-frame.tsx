// A page's head and body: its one h1, which is also the tab's title, and what one can do on it.
import { useEffect, type ReactNode } from 'react'
import { Group, Stack, Title } from '@mantine/core'

interface PageFrameProps {
  readonly title: string
  /** Of the tab, where the title has a number that no history should keep. */
  readonly tabTitle?: string
  /** Beside the title: buttons. */
  readonly actions?: ReactNode
  readonly children: ReactNode
}

export function PageFrame({ title, tabTitle = title, actions, children }: PageFrameProps) {
  useEffect(() => {
    document.title = `${tabTitle} · voicegate`
  }, [tabTitle])
  return (
    <Stack gap="md">
      <Group justify="space-between" gap="sm">
        <Title order={1} size="h3">
          {title}
        </Title>
        {actions !== undefined && <Group gap="xs">{actions}</Group>}
      </Group>
      {children}
    </Stack>
  )
}
