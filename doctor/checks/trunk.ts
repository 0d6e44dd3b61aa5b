// The trunk: is anybody there, and are we known? OPTIONS, and a REGISTER without Contact, which registers nobody: one
// that runs keeps its calls.
import { ms } from '#core/contracts'
import { accountTrunk, probeTrunk, type TrunkAnswer } from '#gateway'
import { messageOf } from '#core/errors'
import type { Check } from '../check.ts'
import { fail, info, ok, warn, type Finding } from '../finding.ts'
import { listenForTrunk } from '../listen.ts'
import { whatToDo } from './trunk-unreachable.ts'

const SETTINGS = 'EXOLVE_SIP_USER and EXOLVE_SIP_PASS'
/** A carrier answers in well below a second; the third repetition of a lost datagram is sent after 3.5 s. */
const ANSWER_TIMEOUT = ms(5000)

export const trunk: Check = {
  name: 'trunk',
  async run({ config }) {
    if (config.rehearsal) return [ok('trunk', 'none is configured: the carrier is simulated')]
    if (!config.trunk)
      return [info('trunk', 'none is configured: calls are taken, none are placed')]
    try {
      const { sip, moved } = await listenForTrunk(config)
      try {
        const account = accountTrunk(config.trunk, SETTINGS)
        const { options, register } = await probeTrunk(sip.admin, account, ANSWER_TIMEOUT)
        return [
          ...(moved ? [info('trunk', 'asked from another port: ours is taken')] : []),
          judgeOptions(options),
          ...(register ? [judgeRegister(register)] : []),
        ]
      } finally {
        await sip.close()
      }
    } catch (error) {
      return [fail('trunk', `it could not be asked: ${messageOf(error)}`, 'See the ports above.')]
    }
  },
}

function judgeOptions(answer: TrunkAnswer): Finding {
  if (answer.kind === 'unreachable')
    return fail('trunk', `OPTIONS is not answered: ${answer.why}`, whatToDo(answer.why))
  const seen = `OPTIONS is answered with ${answer.status}`
  // Whatever it says below 500, somebody who speaks SIP is there.
  return answer.status < 500 || answer.status >= 600
    ? ok('trunk', seen)
    : warn('trunk', seen, 'The carrier is in trouble, or does not know us: ask it.')
}

/** An account that is not right; 401 and 407 come here only after our credentials did. */
const REFUSALS: ReadonlySet<number> = new Set([401, 403, 404, 407])

function judgeRegister(answer: TrunkAnswer): Finding {
  if (answer.kind === 'unreachable')
    return fail('trunk', `REGISTER is not answered: ${answer.why}`, whatToDo(answer.why))
  const { status, challenged } = answer
  if (status >= 200 && status < 300) {
    const how = challenged ? 'user and password are right' : 'no password was asked for'
    return ok('trunk', `REGISTER is answered with ${status}: ${how}`)
  }
  const seen = `REGISTER is answered with ${status}`
  if (REFUSALS.has(status))
    return fail('trunk', `${seen}: the registrar refuses us`, `Check ${SETTINGS}.`)
  const todo =
    'It was asked who is registered, which some registrars do not answer: start, and look at voicegate_trunk_registered.'
  return warn('trunk', seen, todo)
}
