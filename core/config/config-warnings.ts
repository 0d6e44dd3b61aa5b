// What is valid and may be meant, yet is mostly a mistake: told at start and by the doctor, and nothing is refused.
import type { Trunk } from '../contracts/index.ts'
import type { Config } from './config.ts'

export interface ConfigWarning {
  readonly name: string
  readonly problem: string
  readonly todo: string
}

export function configWarnings(config: Config): readonly ConfigWarning[] {
  return [
    ...unheardTls(config),
    ...readableKeys(config),
    ...undialled(config),
    ...rehearsedIn(config),
  ]
}

/** Legitimate where a carrier calls its clients by the connection that they opened (RFC 5923, and NAT helpers). */
function unheardTls({ sipListen, sipTls, trunks, drachtio }: Config): ConfigWarning[] {
  if (drachtio !== undefined) return []
  if (sipTls.cert !== undefined || sipListen.every(({ protocol }) => protocol !== 'tls')) return []
  const name = 'SIP_TLS_CERT'
  if (trunks.some(isCalledByTls))
    return [
      {
        name,
        problem:
          'is missing: nothing listens for TLS, so the carrier can call us only by the connection that we opened, as it would a client behind NAT',
        todo: 'Set SIP_TLS_CERT and SIP_TLS_KEY, unless your carrier says that it calls by that connection.',
      },
    ]
  return [
    {
      name,
      problem: 'is missing: nothing listens at the tls addresses of SIP_LISTEN',
      todo: 'Set SIP_TLS_CERT and SIP_TLS_KEY, or take the tls addresses out of SIP_LISTEN.',
    },
  ]
}

const isCalledByTls = ({ proxy, transport }: Trunk): boolean =>
  proxy === undefined ? transport === 'tls' : proxy.endsWith(';transport=tls')

/** Its keys stand in the SDP (RFC 4568 §7): whoever reads that can listen. */
const readableKeys = ({ trunks, trunksFile }: Config): ConfigWarning[] =>
  trunks
    .filter((trunk) => trunk.srtp === 'required' && !isCalledByTls(trunk))
    .map(({ name }) => ({
      name: trunksFile ?? 'TRUNKS_FILE',
      problem: `has srtp: required for the trunk ${name}, which is not called by tls: whoever reads its SIP has the keys`,
      todo: 'Reach it by tls: transport: tls, or ;transport=tls behind its proxy.',
    }))

function undialled({ trunks, dialAllowPrefixes }: Config): ConfigWarning[] {
  if (trunks.length === 0 || dialAllowPrefixes.length > 0) return []
  return [
    {
      name: 'DIAL_ALLOW_PREFIXES',
      problem: 'is empty: every call we are asked to place is refused (403)',
      todo: 'Set it to the beginnings of the numbers that may be made to ring, such as +49; leave it empty to take calls only.',
    },
  ]
}

/** DATA_DIR has a folder of its own for it; a database that is named has none. */
function rehearsedIn({ rehearsal, databaseUrl }: Config): ConfigWarning[] {
  if (!rehearsal || databaseUrl === undefined) return []
  return [
    {
      name: 'DATABASE_URL',
      problem:
        'is set while no trunk and no agent is: this is a rehearsal, and its simulated calls are kept in that database',
      todo: 'Configure a trunk or an agent, or leave DATABASE_URL out until you do.',
    },
  ]
}
