// What may be asked of the doctor on the command line. No answer here repeats what was written: it may be a number.
import { parseArgs } from 'node:util'
import type { E164 } from '#core/contracts'
import { decodePhoneNumber } from '#core/phone-numbers'
import { systemCodeOf } from '#core/errors'

export const USAGE =
  'npm run doctor [-- [--call NUMBER [--trunk NAME] [--seconds N] [--ring-seconds N]] [--json FILE]]'

export const HELP = `Looks at the configuration and at what it needs, and says what to do about each problem. It changes nothing.
With --call it places one real call instead, without an agent, shows its SIP and judges it.

usage: ${USAGE}

  --call NUMBER     whom to call, as +4930123456; DIAL_ALLOW_PREFIXES must allow it
  --trunk NAME      over which trunk; needed when there are several
  --seconds N       hangs up so long after the answer; default 10
  --ring-seconds N  gives up when nobody answers so long; default 45
  --json FILE       the findings for programs too (doctor/README.md)
  --help            this text

Exit code 0: nothing failed; 1: something did; 2: it cannot be asked for so, or the call may not be placed.
`

export interface CallWish {
  readonly to: E164
  /** The only one when absent. */
  readonly trunk: string | undefined
  readonly talkMs: number
  readonly ringMs: number
}

export type Asked =
  | { readonly json: string | undefined; readonly call: CallWish | undefined }
  | { readonly problem: string }
  | { readonly help: true }

const OPTIONS = {
  call: { type: 'string' },
  trunk: { type: 'string' },
  seconds: { type: 'string' },
  'ring-seconds': { type: 'string' },
  json: { type: 'string' },
  help: { type: 'boolean' },
} as const

const SECONDS = { least: 1, most: 60, usual: 10 }
const RING_SECONDS = { least: 1, most: 120, usual: 45 }

export function readArguments(args: readonly string[]): Asked {
  try {
    const { values } = parseArgs({ args: [...args], options: OPTIONS })
    const { call, trunk, seconds, 'ring-seconds': ring, json, help } = values
    if (help === true) return { help }
    if (call === undefined)
      return trunk === undefined && seconds === undefined && ring === undefined
        ? { json, call: undefined }
        : { problem: '--trunk, --seconds and --ring-seconds are for --call' }
    return withCall({ call, trunk, seconds, ring, json })
  } catch (error) {
    return { problem: whyNot(error) }
  }
}

type Written = Readonly<Record<'call' | 'trunk' | 'seconds' | 'ring' | 'json', string | undefined>>

function withCall({ call = '', trunk, seconds, ring, json }: Written): Asked {
  const to = decodePhoneNumber(call)
  if (to === undefined)
    return {
      problem:
        'what --call names is no phone number: write it with a plus and its country code, as in --call +4930123456',
    }
  const talk = wholeSeconds(seconds, SECONDS)
  const ringing = wholeSeconds(ring, RING_SECONDS)
  if (talk === undefined) return { problem: outside('--seconds', SECONDS) }
  if (ringing === undefined) return { problem: outside('--ring-seconds', RING_SECONDS) }
  return { json, call: { to, trunk, talkMs: talk * 1000, ringMs: ringing * 1000 } }
}

type Bounds = typeof SECONDS

function wholeSeconds(
  text: string | undefined,
  { least, most, usual }: Bounds,
): number | undefined {
  if (text === undefined) return usual
  const value = /^\d{1,3}$/.test(text) ? Number(text) : Number.NaN
  return value >= least && value <= most ? value : undefined
}

const outside = (name: string, { least, most }: Bounds): string =>
  `${name} takes a whole number from ${least} to ${most}`

/** Node's own words would quote what was written. */
function whyNot(error: unknown): string {
  const code = systemCodeOf(error)
  if (code === 'ERR_PARSE_ARGS_UNEXPECTED_POSITIONAL')
    return 'there is a word too many; write a number without blanks, or in quotes'
  if (code === 'ERR_PARSE_ARGS_INVALID_OPTION_VALUE') return 'an option lacks its value'
  return 'there is an option that is not known'
}
