// What Twilio needs beside its account: an address at which it reaches us, and somebody who talks.
import type { ConfigProblem } from './config-problem.ts'
import type { Values, VariableName } from './schema.ts'

const ACCOUNT = ['TWILIO_ACCOUNT_SID', 'TWILIO_AUTH_TOKEN', 'TWILIO_PHONE_NUMBER'] as const
const OF_ACCOUNT = ['TWILIO_FORMER_AUTH_TOKEN', ...ACCOUNT] as const

/** @param isGiven a value was written, right or wrong */
export function twilioProblems(
  values: Values,
  isGiven: (name: VariableName) => boolean,
): ConfigProblem[] {
  const given = OF_ACCOUNT.filter(isGiven)
  if (given.length === 0) return []
  const missing = ACCOUNT.filter((name) => !isGiven(name)).map((name) => ({
    name,
    problem: `is missing: ${given[0] ?? ''} needs it`,
  }))
  return [...missing, ...unreachable(values, isGiven), ...nobody(values)]
}

function unreachable(
  { PUBLIC_URL: address }: Values,
  isGiven: (name: VariableName) => boolean,
): ConfigProblem[] {
  const name = 'PUBLIC_URL'
  if (!isGiven(name))
    return [
      { name, problem: 'is missing: Twilio reaches us at it, and signs what it sends for it' },
    ]
  if (address === undefined || address.startsWith('https://')) return []
  return [{ name, problem: 'must be https while Twilio is configured' }]
}

function nobody({ TWILIO_ANSWER_WITH: by, ELEVENLABS_AGENT_ID: agent }: Values): ConfigProblem[] {
  if (by === undefined || by === 'order-ivr' || agent !== undefined) return []
  const problem = `is missing: TWILIO_ANSWER_WITH is ${by}, and nobody is there to talk`
  return [{ name: 'ELEVENLABS_AGENT_ID', problem }]
}
