// What an animation costs, before somebody asks for it.
import { Text } from '@mantine/core'
import { PROVIDER_NAMES, type Provider } from '../shapes.ts'
import { useAnimateWords } from './words.ts'

export function CostNote({ provider: known }: { readonly provider: Provider }) {
  const say = useAnimateWords()
  const { provider, is_simulated: isSimulated, active_jobs: active, max_jobs: most } = known
  const name = PROVIDER_NAMES[provider]
  return (
    <Text size="sm" c="dimmed">
      {isSimulated ? say('costs_nothing', { name }) : say(`costs_${provider}`, { name })}
      {most !== null && active >= most && ` ${say('has_to_wait', { name, most })}`}
    </Text>
  )
}
