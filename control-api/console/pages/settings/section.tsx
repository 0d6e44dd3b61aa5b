// A part of a tab: its heading, what it is about, what one can do, and what there is.
import type { ReactNode } from 'react'
import { Card, Group, Stack, Text, Title } from '@mantine/core'

interface SectionProps {
  readonly title: string
  readonly about?: ReactNode
  readonly actions?: ReactNode
  readonly children?: ReactNode
  /** Lists stand on the ground of the page, facts and forms on a card. */
  readonly isCard?: boolean
}

export function Section({ title, about, actions, children, isCard = true }: SectionProps) {
  const content = (
    <Stack gap="sm" component="section" aria-label={title}>
      <Group justify="space-between" align="flex-start" gap="sm">
        <Title order={2} size="h4">
          {title}
        </Title>
        {actions !== undefined && <Group gap="xs">{actions}</Group>}
      </Group>
      {about !== undefined && (
        <Text size="sm" c="dimmed" maw={760} component="div">
          {about}
        </Text>
      )}
      {children}
    </Stack>
  )
  return isCard ? <Card withBorder>{content}</Card> : content
}
