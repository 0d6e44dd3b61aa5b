// The end of this process, as calls of Twilio see it. A menu needs nobody of us between two questions: it is left to the
// next start. Whoever talks to an agent, or has not been reached, is hung up.
import { ms, termination, type Milliseconds } from '#core/contracts'
import { waitUntil } from '#core/lifecycle'
import { hangUp } from './hang-up.ts'
import type { TwilioCall } from './twilio-call.ts'
import type { TwilioDesk } from './twilio-desk.ts'

/** Three times at most: main gives all of it 6 s. */
const LAST_WORD = ms(2000)
const SHUTDOWN = termination('server_error', 'shutdown', 'gateway')

/** Refuses new ones and waits for those that there are. */
export async function drainCalls({ book }: TwilioDesk, deadline: Milliseconds): Promise<void> {
  await waitUntil(() => book.size === 0, deadline)
}

export async function endCalls(desk: TwilioDesk): Promise<void> {
  const { book, rest, logger } = desk
  const ending = book.all().filter(endsWithUs)
  if (ending.length === 0) return
  logger.info({ calls: ending.length }, 'ending the calls of Twilio that are left')
  await Promise.race([
    Promise.all(ending.map((call) => hangUp(rest, call, SHUTDOWN))),
    waitUntil(() => false, LAST_WORD),
  ])
  await waitUntil(() => ending.every(({ isFinished }) => isFinished), LAST_WORD, 10)
  for (const call of ending) call.giveUp(SHUTDOWN, 'this process ended')
  await waitUntil(() => ending.every(({ live }) => live.status === 'ended'), LAST_WORD, 10)
}

/** Twilio picks up what comes in to let the menu be heard, and says so with the first answer. */
const endsWithUs = ({ identity, answeredAt, hadStream, sid }: TwilioCall): boolean =>
  hadStream || (answeredAt === null && identity.direction === 'outbound') || sid === null
