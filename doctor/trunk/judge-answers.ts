// What a trunk's answers to OPTIONS and REGISTER mean, and what to do about them.
import type { Trunk } from '#core/contracts'
import type { TrunkAnswer } from '#gateway'
import { fail, info, ok, warn, type Finding } from '../finding.ts'
import { namesOf } from './trunk-names.ts'
import { whatToDo } from './trunk-unreachable.ts'

export function judgeOptions(check: string, trunk: Trunk, answer: TrunkAnswer): Finding {
  if (answer.kind === 'unreachable') {
    const seen = `OPTIONS is not answered: ${answer.why}`
    const todo = whatToDo(answer.why, namesOf(trunk))
    if (trunk.health !== 'off') return fail(check, seen, todo)
    return warn(check, seen, `Nothing, if its calls work: its health is off. Else: ${todo}`)
  }
  const seen = `OPTIONS is answered with ${answer.status}`
  // Whatever it says below 500, somebody who speaks SIP is there.
  return answer.status < 500 || answer.status >= 600
    ? ok(check, seen)
    : warn(check, seen, 'The carrier is in trouble, or does not know us: ask it.')
}

/** An account that is not right; 401 and 407 come here only after our credentials did. */
const REFUSALS: ReadonlySet<number> = new Set([401, 403, 404, 407])

export function judgeRegister(check: string, trunk: Trunk, answer: TrunkAnswer): Finding {
  const names = namesOf(trunk)
  const isWanted = trunk.account?.registers === true
  if (answer.kind === 'unreachable') {
    const seen = `REGISTER is not answered: ${answer.why}`
    return isWanted ? fail(check, seen, whatToDo(answer.why, names)) : info(check, UNKNOWN)
  }
  const { status, challenged } = answer
  if (status >= 200 && status < 300) {
    const how = challenged ? 'user and password are right' : 'no password was asked for'
    return ok(check, `REGISTER is answered with ${status}: ${how}`)
  }
  if (!isWanted) return info(check, UNKNOWN)
  const seen = `REGISTER is answered with ${status}`
  if (REFUSALS.has(status))
    return fail(check, `${seen}: the registrar refuses us`, `Check ${names.account}.`)
  const todo =
    'It was asked who is registered, which some registrars do not answer: start, and look at voicegate_trunk_registered.'
  return warn(check, seen, todo)
}

const UNKNOWN =
  'it does not register, and answers no such question: whether user and password are right shows in a call (--call)'

/** How a caller of it is known; digest beside the others is asked for after them. */
export function judgeInbound(check: string, { inbound }: Trunk): Finding {
  const ways = [
    inbound?.addresses && `${inbound.addresses.length} addresses or networks`,
    inbound?.tlsNames && 'the name in its certificate',
    inbound?.account && 'its user and password',
  ].filter((way) => way !== undefined)
  const how =
    ways.length === 0 ? 'the addresses of its domain and proxy in the DNS' : ways.join(' or ')
  return info(check, `calls from it are known by ${how}`)
}
