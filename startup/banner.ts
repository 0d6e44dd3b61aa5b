// What a start prints when it is ready.
import type { Config } from '#core/config'
import type { Trunk } from '#core/contracts'
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
    ...(use.menuUri === undefined
      ? []
      : [
          `            ${use.menuUri}   (the menu: consent and an order by keypad, then the agent)`,
        ]),
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

function whoIsTaken({ trunks, strangers }: Config): string {
  const others = strangers === 'drop' ? 'get no answer' : 'are refused'
  return trunks.length === 0
    ? `Programs on this machine only; others ${others} until a trunk knows them (sip-config/README.md).`
    : `Calls of the trunks below only; others ${others} (SIP_STRANGERS).`
}

/** Else whoever pressed it takes the wait for a hang. */
const endingText = ({ drain }: Config): string =>
  drain === 0 ? 'calls end with BYE' : `calls may finish for ${drain / 1000} s, then end with BYE`

function trunkLines({ trunks, dialAllowPrefixes, trunksFile }: Config): string[] {
  if (trunks.length === 0) return ['  trunk     none: calls are taken, none are placed']
  const lines = trunks.map((trunk) => {
    const how = trunk.account?.registers === true ? 'registers' : 'does not register'
    return `${trunk.name}: ${how}; ${mayRing(trunk, dialAllowPrefixes)}`
  })
  const again =
    trunksFile === undefined ? [] : [`kill -HUP ${process.pid} reads ${trunksFile} again`]
  return [...lines, ...again].map(
    (line, at) => `${at === 0 ? '  trunk     ' : '            '}${line}`,
  )
}

/** What both its routes and DIAL_ALLOW_PREFIXES have. */
function mayRing({ routes }: Trunk, allowed: readonly string[]): string {
  if (routes?.length === 0) return 'takes calls only'
  if (allowed.length === 0) return 'may make no number ring (DIAL_ALLOW_PREFIXES is empty)'
  const routed = routes?.flatMap(({ prefixes }) => prefixes) ?? ['+']
  const both = allowed.flatMap((prefix) =>
    routed.flatMap((route) => {
      if (route.startsWith(prefix)) return [route]
      return prefix.startsWith(route) ? [prefix] : []
    }),
  )
  return both.length === 0
    ? 'may make no number ring (DIAL_ALLOW_PREFIXES has none of its routes)'
    : `may make ${[...new Set(both)].map((prefix) => `${prefix}…`).join(', ')} ring`
}
