// The trunks, a block each: is anybody there, are we known, where are we seen? OPTIONS, and a REGISTER without Contact,
// which registers nobody: one that runs keeps its calls.
import { ms, type Trunk } from '#core/contracts'
import { probeTrunk } from '#gateway'
import { messageOf } from '#core/errors'
import type { Check, Patient } from '../check.ts'
import { judgeSkew } from '../clock-skew.ts'
import { fail, info, ok, type Finding } from '../finding.ts'
import { openSipWay, type SipWay } from '../sip-way.ts'
import { judgeInbound, judgeOptions, judgeRegister } from '../trunk/judge-answers.ts'
import { judgeVia } from '../trunk/where-it-sees-us.ts'

/** A carrier answers in well below a second; the third repetition of a lost datagram is sent after 3.5 s. */
const ANSWER_TIMEOUT = ms(5000)

export const trunk: Check = {
  name: 'trunk',
  async run({ config }) {
    if (config.rehearsal) return [ok('trunk', 'none is configured: the carrier is simulated')]
    if (config.trunks.length === 0)
      return [info('trunk', 'none is configured: calls are taken, none are placed')]
    let way: SipWay
    try {
      way = await openSipWay(config)
    } catch (error) {
      return [fail('trunk', `none could be asked: ${messageOf(error)}`, 'See the ports above.')]
    }
    try {
      const blocks = await Promise.all(config.trunks.map((each) => examine(each, way, config)))
      const moved = way.moved ? [info('trunk', 'asked from another port: ours is taken')] : []
      return [...moved, ...blocks.flat()]
    } finally {
      await way.close()
    }
  },
}

async function examine(
  trunk: Trunk,
  { admin }: SipWay,
  config: Patient['config'],
): Promise<readonly Finding[]> {
  const check = `trunk ${trunk.name}`
  try {
    const sentAt = Date.now()
    const { options, register } = await probeTrunk(admin, trunk, ANSWER_TIMEOUT)
    const asked = { sentAt, answeredAt: Date.now() }
    return [
      judgeOptions(check, trunk, options),
      ...(register ? [judgeRegister(check, trunk, register)] : []),
      ...(options.kind === 'answered' ? judgeVia(check, options.via, config) : []),
      ...(options.kind === 'answered' ? offClock(check, options.date, asked) : []),
      judgeInbound(check, trunk),
    ]
  } catch (error) {
    const todo = 'See the SIP server above.'
    return [fail(check, `it could not be asked: ${messageOf(error)}`, todo)]
  }
}

/** Few carriers tell the time, and some tell it wrong: only a difference is worth a line. */
const offClock = (check: string, date: string, asked: Parameters<typeof judgeSkew>[3]) =>
  judgeSkew(check, 'this carrier', date, asked).filter(({ verdict }) => verdict !== 'ok')
