// One thing that is known, under its name; a list of them lines up by itself.
import type { ReactNode } from 'react'
import { Box, Text } from '@mantine/core'
import styles from './fact.module.css'

export function Facts({ children }: { readonly children: ReactNode }) {
  return <dl className={styles['facts']}>{children}</dl>
}

interface FactProps {
  readonly name: string
  /** Twice the room: ids, sentences. */
  readonly isWide?: boolean
  readonly children: ReactNode
}

/** Inside `Facts` only. */
export function Fact({ name, isWide = false, children }: FactProps) {
  return (
    <Box miw={0} className={isWide ? styles['wide'] : undefined}>
      <Text component="dt" size="xs" c="dimmed">
        {name}
      </Text>
      <Text component="dd" size="sm" m={0} style={{ overflowWrap: 'anywhere' }}>
        {children}
      </Text>
    </Box>
  )
}
