// How far our clock is off, by the Date of somebody's answer.
import { ok, fail, warn, type Finding } from './finding.ts'

/** When the question left, and when its answer was here. */
export interface Asked {
  readonly sentAt: number
  readonly answeredAt: number
}

/** A Date has whole seconds, and travels. */
const UNNOTICED_MS = 5_000
/** Tokens and signatures are good for minutes, mostly less than five; a certificate from a day on. */
const TOO_MUCH_MS = 60_000

/** Empty when there is no Date to go by. @param whose as in `ElevenLabs` */
export function judgeSkew(
  check: string,
  whose: string,
  date: string | null,
  { sentAt, answeredAt }: Asked,
): readonly Finding[] {
  const theirs = date === null ? Number.NaN : Date.parse(date)
  if (Number.isNaN(theirs)) return []
  // Somewhere within the second that it names, and between the question and its answer.
  const offMs = (sentAt + answeredAt) / 2 - (theirs + 500)
  if (Math.abs(offMs) < UNNOTICED_MS + (answeredAt - sentAt) / 2)
    return [ok(check, `the clock agrees with that of ${whose}`)]
  const seconds = Math.round(Math.abs(offMs) / 1000)
  const seen = `the clock of this machine is ${seconds} s ${offMs > 0 ? 'ahead of' : 'behind'} that of ${whose}`
  const todo =
    'Have it set from the network (systemd-timesyncd, chrony or ntpd): signatures of webhooks and tools, tokens (JWT) and certificates are refused by a wrong clock.'
  return [Math.abs(offMs) < TOO_MUCH_MS ? warn(check, seen, todo) : fail(check, seen, todo)]
}
