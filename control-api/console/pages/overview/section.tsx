// One part of the overview: its heading, what it says, and where there is more.
import type { ReactNode } from 'react'
import { Anchor, Card, Group, Stack, Title } from '@mantine/core'
import { Link } from 'wouter'

interface SectionProps {
  readonly title: string
  readonly more?: { readonly href: string; readonly label: string }
  readonly children: ReactNode
}

export function Section({ title, more, children }: SectionProps) {
  return (
    <Card withBorder padding="md" component="section" aria-label={title}>
      <Stack gap="sm" h="100%">
        <Group justify="space-between" gap="xs">
          <Title order={2} size="h5">
            {title}
          </Title>
          {more && (
            <Anchor component={Link} href={more.href} size="sm">
              {more.label}
            </Anchor>
          )}
        </Group>
        {children}
      </Stack>
    </Card>
  )
}
