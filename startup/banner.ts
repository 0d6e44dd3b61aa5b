// What a start prints when it is ready.
import { isLoopback, type Config } from '#core/config'
import type { CallInAddress, NodeUse } from './how-to.ts'

export interface BannerFacts {
  readonly config: Config
  readonly use: NodeUse
  /** Made at this start, shown this once. */
  readonly generatedKey: string | undefined
  /** What was done otherwise than the configuration says. */
  readonly notes: readonly string[]
}

export function renderBanner({ config, use, generatedKey, notes }: BannerFacts): string {
  const key = config.requireKey ? ` -H "Authorization: Bearer $API_KEY"` : ''
  const lines = [
    config.rehearsal
      ? 'voicegate is ready. Rehearsal: carrier and agent are simulated on this machine, nothing costs money.'
      : 'voicegate is ready.',
    ...callInLines(config, use.callIn),
    ...(config.rehearsal ? [] : trunkLines(config)),
    `  API       ${use.apiUrl}/docs`,
    `  console   ${use.apiUrl}/`,
    `  try       ${use.exampleCurl.replace(' -H', `${key} -H`)}`,
    ...notes.map((note) => `  note      ${note}`),
    `  stop      Ctrl-C (${endingText(config)}; twice: at once)`,
  ]
  if (generatedKey !== undefined)
    lines.push(
      '',
      `  Administrator key, made now and shown this once: ${generatedKey}`,
      '  Keep it: it is stored hashed. To choose your own, set API_KEY.',
    )
  return `${lines.join('\n')}\n`
}

function callInLines(config: Config, callIn: readonly CallInAddress[]): string[] {
  const who = config.rehearsal ? '; any softphone, no registration, PCMU or PCMA' : '; PCMU or PCMA'
  const addresses = callIn.map(({ uri, protocols }, at) => {
    const spoken = protocols.map((protocol) => protocol.toUpperCase()).join(' and ')
    return `${at === 0 ? '  call in   ' : '            '}${uri}   (${spoken}${at === 0 ? who : ''})`
  })
  if (addresses.length === 0) return ['  call in   nowhere: nothing listens for calls']
  if (config.rehearsal) return addresses
  return [...addresses, `            ${whoIsTaken(config)}`]
}

/** Callers are not told apart yet: whoever reaches the port talks to the agent. */
const whoIsTaken = ({ sipListen }: Config): string =>
  sipListen.every(({ host }) => isLoopback(host))
    ? 'Programs on this machine only.'
    : 'Calls are taken from anybody who reaches these ports, at your cost: let a firewall admit your carrier only.'

/** Else whoever pressed it takes the wait for a hang. */
const endingText = ({ drain }: Config): string =>
  drain === 0 ? 'calls end with BYE' : `calls may finish for ${drain / 1000} s, then end with BYE`

function trunkLines({ trunks, dialAllowPrefixes }: Config): string[] {
  if (trunks.length === 0) return ['  trunk     none: calls are taken, none are placed']
  const may =
    dialAllowPrefixes.length === 0
      ? 'may make no number ring (DIAL_ALLOW_PREFIXES is empty)'
      : `may make ${dialAllowPrefixes.map((prefix) => `${prefix}…`).join(', ')} ring`
  return trunks.map((trunk, at) => {
    const how = trunk.account?.registers === true ? 'registers' : 'does not register'
    return `${at === 0 ? '  trunk     ' : '            '}${trunk.name}: ${how}; ${may}`
  })
}
