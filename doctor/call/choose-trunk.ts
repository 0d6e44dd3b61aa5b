// By which trunk a test call goes, and what of the trunk counts for it.
import type { Trunk } from '#core/contracts'
import { fail, info, type Finding } from '../finding.ts'

export type Chosen = { readonly trunk: Trunk } | { readonly refused: Finding }

/** @param name as it was asked for; the only one when absent */
export function chooseTrunk(trunks: readonly Trunk[], name: string | undefined): Chosen {
  const names = trunks.map((trunk) => trunk.name).join(', ')
  const refused = (seen: string, todo: string): Chosen => ({ refused: fail('call', seen, todo) })
  if (trunks.length === 0)
    return refused(
      'no trunk is configured: there is no way out to the telephone network',
      'Set EXOLVE_SIP_USER, EXOLVE_SIP_PASS and EXOLVE_SIP_DOMAIN, or write a trunks file (TRUNKS_FILE).',
    )
  const [only] = trunks
  if (name === undefined)
    return only !== undefined && trunks.length === 1
      ? { trunk: only }
      : refused(`there are several trunks: ${names}`, 'Say which is to be tried: --trunk NAME.')
  const trunk = trunks.find((each) => each.name === name)
  return trunk
    ? { trunk }
    : refused('the trunk that --trunk names is not configured', `Configured: ${names}.`)
}

/**
 * Where it is and how it knows us, and no more: it takes this call whatever its routes and limits say, and does not
 * register. A voicegate that runs keeps its registration.
 */
export function forOneCall(trunk: Trunk): Trunk {
  const { name, domain, proxy, transport, numbers, account, numberFormat, callerId } = trunk
  return {
    name,
    domain,
    numbers,
    health: 'off',
    ...(proxy === undefined ? {} : { proxy }),
    ...(transport === undefined ? {} : { transport }),
    ...(account === undefined ? {} : { account: { ...account, registers: false } }),
    ...(numberFormat === undefined ? {} : { numberFormat }),
    ...(callerId === undefined ? {} : { callerId }),
  }
}

/** What the call cannot show of it. */
export function leftOut({ media, srtp }: Trunk): readonly Finding[] {
  if (media !== 'anchored') return []
  const risk = srtp === 'required' ? '; a trunk that insists on SRTP refuses it' : ''
  return [
    info(
      'call',
      `FreeSWITCH is left out, which stands between the audio of this trunk and ours: plain PCMU and PCMA are offered${risk}`,
    ),
  ]
}
