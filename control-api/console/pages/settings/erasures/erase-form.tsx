// The number to erase, typed twice, and kept nowhere but in these boxes until it is sent.
import { useState } from 'react'
import { Group, SimpleGrid, Stack, Text, TextInput } from '@mantine/core'
import { useLocation } from 'wouter'
import { postErasures } from '../../../api/generated/sdk.gen.ts'
import { ConfirmButton } from '../../../components/confirm-button.tsx'
import { NumberInput } from '../../../components/phone-number/number-input.tsx'
import { checkNumber } from '../../../components/phone-number/phone-number.ts'
import { TABS } from '../tab-paths.ts'
import { refreshErasures } from './fresh-erasures.ts'
import { useErasures } from './words.ts'

const NOTHING = { number: '', again: '', reason: '' }
const MAX_REASON = 200

export function EraseForm() {
  const say = useErasures()
  const [, go] = useLocation()
  const [typed, setTyped] = useState(NOTHING)
  const [isLeft, setIsLeft] = useState({ number: false, again: false })
  const checked = checkNumber(typed.number)
  const second = checkNumber(typed.again)
  const isSame = checked.fault === null && second.fault === null && checked.e164 === second.e164
  const differs = isLeft.again && typed.again !== '' && !isSame
  const reason = typed.reason.trim()
  const erase = async () => {
    const body = { number: isSame ? checked.e164 : '', ...(reason === '' ? {} : { reason }) }
    return (await postErasures({ body })).data
  }
  return (
    <Stack gap="sm">
      <SimpleGrid cols={{ base: 1, sm: 2 }}>
        <NumberInput
          label={say('number')}
          value={typed.number}
          onChange={(number) => setTyped({ ...typed, number })}
          showsFault={isLeft.number && typed.number !== ''}
          onBlur={() => setIsLeft({ ...isLeft, number: true })}
        />
        <NumberInput
          label={say('again')}
          description={say('again_hint')}
          value={typed.again}
          onChange={(again) => setTyped({ ...typed, again })}
          showsFault={false}
          refusal={differs ? say('differs') : undefined}
          onBlur={() => setIsLeft({ ...isLeft, again: true })}
        />
      </SimpleGrid>
      <TextInput
        label={say('reason')}
        description={say('reason_hint')}
        value={typed.reason}
        maxLength={MAX_REASON}
        onChange={(event) => setTyped({ ...typed, reason: event.currentTarget.value })}
        autoComplete="off"
      />
      <Group>
        <ConfirmButton
          color="red"
          variant="filled"
          label={say('erase')}
          unavailable={isSame ? undefined : say(typed.again === '' ? 'again_hint' : 'differs')}
          consequences={<Text>{say('erase_what', { number: isSame ? checked.grouped : '' })}</Text>}
          act={erase}
          done={say('asked')}
          onDone={({ erasure_id: id }) => {
            setTyped(NOTHING)
            void refreshErasures()
            go(`${TABS.erasures}/${id}`)
          }}
        />
      </Group>
    </Stack>
  )
}
