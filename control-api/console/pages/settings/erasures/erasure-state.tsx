// Where an erasure stands, in the same words and colours in list and receipt.
import { Badge } from '@mantine/core'
import type { GetErasureResponse } from '../../../api/generated/types.gen.ts'
import { useErasures } from './words.ts'

export type Erasure = GetErasureResponse

const COLORS = { waiting: 'yellow', running: 'signal', done: 'teal', incomplete: 'red' } as const

export function ErasureState({ state }: Pick<Erasure, 'state'>) {
  const say = useErasures()
  return (
    <Badge variant="light" color={COLORS[state]}>
      {say(state)}
    </Badge>
  )
}
