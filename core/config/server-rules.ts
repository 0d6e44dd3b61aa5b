// What a drachtio-server and a FreeSWITCH elsewhere need: a secret of their own, and addresses of ours that they reach.
import type { ConfigProblem } from './config-problem.ts'
import { isLoopback } from './loopback.ts'
import { DEFAULT_SECRETS, type Values, type VariableName } from './schema.ts'

const SERVERS = [
  { host: 'DRACHTIO_HOST', port: 'DRACHTIO_PORT', secret: 'DRACHTIO_SECRET' },
  { host: 'FREESWITCH_HOST', port: 'FREESWITCH_PORT', secret: 'FREESWITCH_SECRET' },
] as const

/** @param isGiven a value was written, right or wrong */
export function serverProblems(
  values: Values,
  isGiven: (name: VariableName) => boolean,
): ConfigProblem[] {
  return SERVERS.flatMap(({ host, port, secret }) => {
    if (!isGiven(host))
      return [port, secret].filter(isGiven).map((name) => ({
        name: host,
        problem: `is missing: ${name} needs it`,
      }))
    const place = values[host]
    if (place === undefined || isLoopback(place)) return []
    return [...publicSecret(values, host, secret), ...unreachable(values, host)]
  })
}

function publicSecret(
  values: Values,
  host: VariableName,
  secret: keyof typeof DEFAULT_SECRETS,
): ConfigProblem[] {
  if (values[secret] !== DEFAULT_SECRETS[secret]) return []
  const problem = `is the default one, which everybody knows, while ${host} is not loopback: choose another, here and there`
  return [{ name: secret, problem }]
}

/** They send us audio; and FreeSWITCH speaks SIP with the embedded server. */
function unreachable(values: Values, host: VariableName): ConfigProblem[] {
  const problem = `is loopback while ${host} is not: it could not reach us there`
  const listen = values.SIP_LISTEN ?? []
  const isDeaf =
    host === 'FREESWITCH_HOST' &&
    values.DRACHTIO_HOST === undefined &&
    listen.length > 0 &&
    listen.every((address) => isLoopback(address.host))
  return [
    ...(isDeaf ? [{ name: 'SIP_LISTEN', problem }] : []),
    ...(isLoopback(values.RTP_HOST ?? '') ? [{ name: 'RTP_HOST', problem }] : []),
  ]
}
