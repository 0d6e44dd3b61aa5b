// The simulated carrier as its options ask for it: used by its own program and by that of the whole world.
import type { AskedFor } from '../command-line.ts'
import { UsageError, type OptionText, type ProgramText } from '../command-line.ts'
import type { Carrier, CarrierOptions } from './carrier.ts'
import type { Account, DigestAlgorithm } from './digest-gate.ts'
import type { OptionsFault } from './front-desk.ts'
import { DIALLED_BEHAVIOURS, NAMED_SCRIPTS, type ScriptName } from './named-scripts.ts'
import type { PhoneHabit } from './phone-script.ts'
import type { RegistrarFault } from './registrar.ts'
import { commandHelp } from './spoken-commands.ts'

export const SCRIPT_NAMES = Object.keys(NAMED_SCRIPTS) as readonly ScriptName[]
const REGISTRAR_FAULTS: readonly RegistrarFault[] = ['refuse', 'silent', 'unavailable']
const OPTIONS_FAULTS: readonly OptionsFault[] = ['silent', 'unavailable']
const ALGORITHMS: readonly DigestAlgorithm[] = ['MD5', 'SHA-256']

export const CARRIER_OPTIONS: readonly OptionText[] = [
  {
    name: 'account',
    takes: 'USER:PASSWORD',
    what: 'who may register; without any, everybody may, unasked',
    repeats: true,
  },
  { name: 'realm', takes: 'NAME', what: 'of the challenges; default carrier.invalid' },
  { name: 'algorithm', takes: 'NAME', what: 'MD5 or SHA-256 alone; default both, SHA-256 first' },
  { name: 'nonce-seconds', takes: 'N', what: 'a nonce older than this is stale; default 300' },
  { name: 'min-expires', takes: 'N', what: 'briefer registrations are answered 423; default 1' },
  { name: 'max-expires', takes: 'N', what: 'no more seconds are granted; default 3600' },
  { name: 'register-fault', takes: 'NAME', what: `REGISTER: ${REGISTRAR_FAULTS.join(', ')}` },
  { name: 'options-fault', takes: 'NAME', what: `OPTIONS: ${OPTIONS_FAULTS.join(', ')}` },
  { name: 'challenge-invites', what: 'an INVITE must prove its account too (407)' },
  { name: 'all', takes: 'SCRIPT', what: 'every number does this, whatever its digits' },
  { name: 'answer-after', takes: 'SECONDS', what: 'every number rings so long, then answers' },
  { name: 'sip-loss', takes: 'PERCENT', what: 'of the SIP datagrams are lost, both ways' },
  { name: 'rtp-loss', takes: 'PERCENT', what: 'of the RTP packets are lost, both ways' },
  { name: 'jitter', takes: 'MS', what: 'RTP packets stray by so much, both ways' },
  { name: 'nat', what: 'phones are behind a NAT: their SDP names 10.0.0.7' },
  { name: 'record-route', what: 'a proxy stands before the phones' },
  { name: 'habits', takes: 'JSON', what: 'PhoneHabits of all phones (phone-script.ts)' },
]

export const CARRIER_SECTIONS: ProgramText['sections'] = [
  {
    title: 'the last two digits dialled choose what happens, all other numbers answer and talk:',
    lines: DIALLED_BEHAVIOURS.map(({ lastDigits, meaning }) => `…${lastDigits}  ${meaning}`),
  },
  { title: 'scripts:', lines: [SCRIPT_NAMES.join(', ')] },
  { title: 'while it runs, a line typed in:', lines: commandHelp() },
]

const NAT_ADDRESS = { host: '10.0.0.7', port: 40_000 } as const
const PER_CENT = { least: 0, most: 100 } as const
const SECONDS = { least: 1, most: 86_400 } as const

/** @throws UsageError */
export function carrierOptionsOf(asked: AskedFor): CarrierOptions {
  const algorithm = asked.oneOf('algorithm', ALGORITHMS)
  const realm = asked.text('realm')
  const sipLoss = asked.number('sip-loss', PER_CENT) ?? 0
  const numbers = {
    nonceSeconds: asked.number('nonce-seconds', SECONDS),
    minExpiresSeconds: asked.number('min-expires', SECONDS),
    maxExpiresSeconds: asked.number('max-expires', SECONDS),
  }
  const given = Object.entries(numbers).filter(([, value]) => value !== undefined)
  return {
    recordRoute: asked.has('record-route'),
    challengesInvites: asked.has('challenge-invites'),
    registrar: {
      accounts: accountsOf(asked),
      ...(realm === undefined ? {} : { realm }),
      ...(algorithm === undefined ? {} : { algorithms: [algorithm] }),
      ...Object.fromEntries(given),
    },
    habits: habitsOf(asked),
    drop: () => Math.random() * 100 < sipLoss,
  }
}

/** What is set once it runs. @throws UsageError */
export function prepareCarrier(asked: AskedFor, carrier: Carrier): void {
  carrier.registrar.fail(asked.oneOf('register-fault', REGISTRAR_FAULTS))
  carrier.failOptions(asked.oneOf('options-fault', OPTIONS_FAULTS))
  const all = asked.oneOf('all', SCRIPT_NAMES)
  const seconds = asked.number('answer-after', { least: 0, most: 600 })
  if (all !== undefined && seconds !== undefined)
    throw new UsageError('--all and --answer-after cannot be had together')
  if (all !== undefined) carrier.script('*', all)
  if (seconds !== undefined) {
    const [, , ...talks] = NAMED_SCRIPTS.answersLate
    carrier.script('*', [{ ring: seconds * 1000 }, ...talks])
  }
}

export function accountsOf(asked: AskedFor): readonly Account[] {
  return asked.all('account').map((text) => {
    const [, user = '', password = ''] = /^([^:]+):(.+)$/.exec(text) ?? []
    if (user === '') throw new UsageError('--account takes USER:PASSWORD')
    return { user, password }
  })
}

function habitsOf(asked: AskedFor): readonly PhoneHabit[] {
  const lossPercent = asked.number('rtp-loss', PER_CENT) ?? 0
  const jitterMs = asked.number('jitter', { least: 0, most: 1000 }) ?? 0
  const way = { lossPercent, jitterMs }
  const isBad = lossPercent > 0 || jitterMs > 0
  const typed = asked.json('habits') ?? []
  if (!Array.isArray(typed)) throw new UsageError('--habits takes a JSON list')
  return [
    // Whoever types them by hand sees at once when they are wrong.
    ...(typed as PhoneHabit[]),
    ...(isBad ? [{ network: { seed: 1, sent: way, received: way } }] : []),
    ...(asked.has('nat') ? [{ nat: NAT_ADDRESS }] : []),
  ]
}
