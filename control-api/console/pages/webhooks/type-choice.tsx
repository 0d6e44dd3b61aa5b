// Which events: all of them, or some, each with what it means.
import { Checkbox, Radio, SimpleGrid, Stack } from '@mantine/core'
import { EVENT_TYPES, EVERYTHING, isOneType, typeKey, type OneType } from './event-types.ts'
import { useWebhooks } from './words.ts'

interface TypeChoiceProps {
  readonly isAll: boolean
  readonly chosen: readonly OneType[]
  readonly onChange: (isAll: boolean, chosen: readonly OneType[]) => void
}

export function TypeChoice({ isAll, chosen, onChange }: TypeChoiceProps) {
  const say = useWebhooks()
  return (
    <Stack gap="sm">
      <Radio.Group
        label={say('told_of')}
        value={isAll ? EVERYTHING : 'chosen'}
        onChange={(value) => onChange(value === EVERYTHING, chosen)}
      >
        <Stack gap={6} mt={6}>
          <Radio value={EVERYTHING} label={say('everything')} />
          <Radio value="chosen" label={say('chosen')} />
        </Stack>
      </Radio.Group>
      {!isAll && (
        <Checkbox.Group
          aria-label={say('chosen')}
          value={[...chosen]}
          onChange={(values) => onChange(false, values.filter(isOneType))}
          error={chosen.length === 0 && say('choose_any')}
        >
          <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="sm" verticalSpacing={8} pl="md">
            {EVENT_TYPES.map((type) => (
              <Checkbox key={type} value={type} label={type} description={say(typeKey(type))} />
            ))}
          </SimpleGrid>
        </Checkbox.Group>
      )}
    </Stack>
  )
}
