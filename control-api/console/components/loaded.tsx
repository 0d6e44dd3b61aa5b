// What a query gave, or what it is doing instead: every page shows loading, failing and nothing in the same way.
import type { ReactNode } from 'react'
import { Stack, Text } from '@mantine/core'
import type { UseQueryResult } from '@tanstack/react-query'
import { Failure } from './failure.tsx'
import { Waiting } from './waiting.tsx'

interface LoadedProps<T> {
  /** Of any operation: each names its own problems. */
  readonly query: UseQueryResult<T, unknown>
  readonly children: (data: T) => ReactNode
}

/** What was there stays there while it is read anew; a failure then stands above it. */
export function Loaded<T>({ query, children }: LoadedProps<T>) {
  const { data, error, isPending, refetch } = query
  const failure = error !== null && <Failure error={error} retry={() => void refetch()} />
  if (data === undefined) return isPending ? <Waiting /> : failure
  return (
    <>
      {failure}
      {children(data)}
    </>
  )
}

/** A list without anything in it: why, and what would fill it. */
export function Empty({
  title,
  children,
}: {
  readonly title: string
  readonly children?: ReactNode
}) {
  return (
    <Stack align="center" gap="xs" py="xl" role="status">
      <Text fw={600}>{title}</Text>
      {children !== undefined && (
        <Text c="dimmed" ta="center" maw={480} component="div">
          {children}
        </Text>
      )}
    </Stack>
  )
}
