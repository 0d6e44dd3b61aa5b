// What is known of one thing: names and values, side by side where there is room.
import type { ReactNode } from 'react'
import { Box, Text } from '@mantine/core'
import classes from './fact-list.module.css'

export interface ListedFact {
  readonly name: string
  readonly value: ReactNode
  /** A line of its own: long words, addresses. */
  readonly isWide?: boolean
}

export function FactList({ facts }: { readonly facts: readonly ListedFact[] }) {
  return (
    <dl className={classes['facts']}>
      {facts.map(({ name, value, isWide }) => (
        <Box key={name} miw={0} className={isWide === true ? classes['wide'] : undefined}>
          <Text component="dt" size="xs" c="dimmed">
            {name}
          </Text>
          <Text component="dd" size="sm" m={0} className={classes['value']}>
            {value}
          </Text>
        </Box>
      ))}
    </dl>
  )
}
