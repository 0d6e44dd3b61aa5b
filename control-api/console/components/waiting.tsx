// Something is on its way: said to everybody, drawn after a moment so that quick answers do not flicker.
import { Center, Loader } from '@mantine/core'
import { useCommon } from '../words/common.ts'

export function Waiting() {
  const say = useCommon()
  return (
    <Center p="xl" role="status" aria-label={say('loading')}>
      <Loader type="dots" />
    </Center>
  )
}
