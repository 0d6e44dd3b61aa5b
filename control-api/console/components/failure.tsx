// Something did not come: what, why, and a way to try again.
import { Alert, Button, Stack, Text } from '@mantine/core'
import { asProblem, type ApiProblem } from '../api/problem.ts'
import { useCommon, type SayCommon } from '../words/common.ts'
import { wordsOfCode } from '../words/problem-words.ts'

/** In words for people: what the server said, or that it said nothing. */
export function problemWords(problem: ApiProblem, say: SayCommon): string {
  if (problem.status === 0) return say('unreachable')
  const ours = wordsOfCode(problem.code)
  // The server's say which field, which number of them, which vendor: nobody translates that.
  if (ours !== undefined) return `${ours} (${problem.message})`
  return [problem.message, problem.whatToDo].filter(Boolean).join(' ')
}

export function Failure({
  error,
  retry,
}: {
  readonly error: unknown
  readonly retry?: () => void
}) {
  const say = useCommon()
  const problem = asProblem(error)
  return (
    <Alert color="red" title={say('failed')} role="alert">
      <Stack gap="sm" align="flex-start">
        <Text size="sm">{problemWords(problem, say)}</Text>
        {retry && (
          <Button size="xs" variant="default" onClick={retry}>
            {say('retry')}
          </Button>
        )}
      </Stack>
    </Alert>
  )
}
