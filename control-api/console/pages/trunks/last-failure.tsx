// The last registration that failed: what came, what it usually means, what to do.
import { Alert, Code, Stack, Text } from '@mantine/core'
import type { Trunk } from '../../components/use-trunks.ts'
import { moment } from '../../words/amounts.ts'
import { reasonOf } from './failure-reason.ts'
import { useReasonWords } from './reason-words.ts'
import { useTrunkWords } from './words.ts'

interface LastFailureProps {
  readonly failure: NonNullable<Trunk['last_failure']>
  /** Else it is over. */
  readonly isNow: boolean
}

export function LastFailure({ failure, isNow }: LastFailureProps) {
  const say = useTrunkWords()
  const reasons = useReasonWords()
  const { at, sip_status: status, detail } = failure
  const reason = reasonOf(failure)
  const what = [status === null ? '' : `SIP ${status}`, detail ?? ''].filter(Boolean).join(', ')
  return (
    <Alert color={isNow ? 'red' : 'gray'} variant="light" title={say('failure')}>
      <Stack gap={4}>
        <Text size="sm">
          {say('failure_at', { at: moment(at), what })}
          {' — '}
          {reasons(reason)}
        </Text>
        {isNow && (
          <>
            <Text size="sm">{reasons(`${reason}_do`)}</Text>
            <Text size="sm">
              {say('doctor')} <Code>npm run doctor</Code>
            </Text>
          </>
        )}
      </Stack>
    </Alert>
  )
}
