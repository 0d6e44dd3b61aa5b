// How a scenario stands in a run, in a word and a colour.
import { Badge } from '@mantine/core'
import type { ScenarioState } from './watched-run.ts'
import { useRehearsalWords } from './words.ts'

const COLORS = { waiting: 'gray', playing: 'signal', passed: 'teal', failed: 'red' } as const

export function ScenarioBadge({ state }: { readonly state: ScenarioState }) {
  const say = useRehearsalWords()
  if (state === 'not_played') return null
  return (
    <Badge size="xs" variant={state === 'waiting' ? 'outline' : 'light'} color={COLORS[state]}>
      {say(`scenario_${state}`)}
    </Badge>
  )
}
