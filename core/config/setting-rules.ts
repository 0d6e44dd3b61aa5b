// What single settings must be beside each other; trunks, servers and listeners have rules of their own.
import { isIP } from 'node:net'
import type { ConfigProblem } from './config-problem.ts'
import { isLoopback, isWildcard } from './loopback.ts'
import type { Values, VariableName } from './schema.ts'
import type { SipListenAddress } from './sip-setting.ts'

/** The first is needed by the second: neither is of any use alone. */
const PAIRS = [
  ['SIP_TLS_CERT', 'SIP_TLS_KEY'],
  ['SIP_TLS_KEY', 'SIP_TLS_CERT'],
  ['TOOL_SERVER_SECRET', 'TOOL_SERVER_URL'],
  ['TOOL_SERVER_URL', 'TOOL_SERVER_SECRET'],
] as const
const MIN_TOOL_SECRET = 16

/** Port 0 is none: the one really bound is shown. */
const namesPort = (advertise: string | undefined): boolean =>
  advertise !== undefined && isIP(advertise) === 0 && /:0*[1-9]\d*$/.test(advertise)

/** Each 0 becomes another port. */
const portOf = ({ port }: SipListenAddress, at: number): string =>
  port === 0 ? `free ${at}` : String(port)

export function contradictions(
  values: Values,
  isGiven: (name: VariableName) => boolean,
): ConfigProblem[] {
  const problems: ConfigProblem[] = []
  const found = (name: VariableName, problem: string): void => void problems.push({ name, problem })
  if (values.API_KEY !== undefined && values.API_KEY.length < 32)
    found('API_KEY', 'must have at least 32 characters')
  if (values.ELEVENLABS_API_KEY !== undefined && values.ELEVENLABS_AGENT_ID === undefined)
    found('ELEVENLABS_AGENT_ID', 'is missing: ELEVENLABS_API_KEY needs the agent it is for')
  if ((values.RTP_PORT_MAX ?? 0) - (values.RTP_PORT_MIN ?? 0) < 3)
    found('RTP_PORT_MAX', 'must be at least 3 above RTP_PORT_MIN')
  const listen = values.SIP_LISTEN ?? []
  if (listen.some(({ host }) => isWildcard(host)) && values.SIP_ADVERTISE === undefined)
    found('SIP_ADVERTISE', 'is missing: SIP_LISTEN takes every address, so say which one to show')
  if (namesPort(values.SIP_ADVERTISE) && new Set(listen.map(portOf)).size > 1)
    found(
      'SIP_ADVERTISE',
      'names one port, but SIP_LISTEN has several: leave its port out, and each address shows its own',
    )
  if ((values.TOOL_SERVER_SECRET?.length ?? MIN_TOOL_SECRET) < MIN_TOOL_SECRET)
    found('TOOL_SERVER_SECRET', `must have at least ${MIN_TOOL_SECRET} characters`)
  for (const [name, other] of PAIRS)
    if (!isGiven(name) && values[other] !== undefined) found(name, `is missing: ${other} needs it`)
  if (
    values.DRACHTIO_HOST === undefined &&
    listen.some(({ host }) => !isLoopback(host)) &&
    isLoopback(values.RTP_HOST ?? '')
  )
    found('RTP_HOST', 'is loopback while SIP_LISTEN is not: callers could not reach the audio')
  if (isWildcard(values.RTP_HOST ?? ''))
    found('RTP_HOST', 'must be one address: it is written into the SDP')
  return problems
}

/** Whoever an agent may hand a caller to is dialled like anybody else; in rehearsal everybody may be. */
export function transferProblems(values: Values, rehearsal: boolean): ConfigProblem[] {
  const { TRANSFER_NUMBERS: numbers = [], DIAL_ALLOW_PREFIXES: allowed = rehearsal ? ['+'] : [] } =
    values
  if (numbers.every((number) => allowed.some((prefix) => number.startsWith(prefix)))) return []
  const problem =
    'has a number that may not be made to ring: add its beginning to DIAL_ALLOW_PREFIXES'
  return [{ name: 'TRANSFER_NUMBERS', problem }]
}
