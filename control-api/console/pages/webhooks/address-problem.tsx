// Why an endpoint was not set up: a refused address in words, anything else as the server says it.
import { Alert } from '@mantine/core'
import { asProblem } from '../../api/problem.ts'
import { Failure } from '../../components/failure.tsx'
import { troubleIn } from './trouble.ts'
import { useWebhooks } from './words.ts'

export function AddressProblem({ error }: { readonly error: unknown }) {
  const say = useWebhooks()
  const problem = asProblem(error)
  const trouble = problem.code === 'ENDPOINT_REFUSED' ? troubleIn(problem.message) : undefined
  if (trouble === undefined) return <Failure error={error} />
  return (
    <Alert color="red" role="alert">
      {say(trouble)}
    </Alert>
  )
}
