// What a FreeSWITCH says of itself, out of the words of its commands (as 1.10 and 1.11 write them).
import type { PortRange } from '../port-range.ts'
import type { EventSocket } from './event-socket.ts'

export interface SofiaProfile {
  readonly isRunning: boolean
  /** Where its INVITEs go. */
  readonly sipAddress: string
  /** What stands in its SDP. */
  readonly rtpAddress: string
  /** Upper case, in its order of preference. */
  readonly codecs: readonly string[]
}

export interface MediaServer {
  /** Undefined when it did not say. */
  readonly version: string | undefined
  readonly isReady: boolean
  readonly profile: SofiaProfile | undefined
  /** Of those asked for. */
  readonly missingModules: readonly string[]
  readonly rtpPorts: PortRange | undefined
}

export async function askMediaServer(
  socket: EventSocket,
  { profile, modules }: { readonly profile: string; readonly modules: readonly string[] },
): Promise<MediaServer> {
  const ask = async (command: string): Promise<string> => (await socket.api(command)) ?? ''
  const status = await ask('status')
  const version = /FreeSWITCH Version (\d+(?:\.\d+)*)/.exec(await ask('version'))?.[1]
  const states = await ask('sofia status')
  const profileText = await ask(`sofia status profile ${profile}`)
  const switchText = await ask('xml_locate configuration configuration name switch.conf')
  const missingModules: string[] = []
  for (const name of modules)
    if ((await ask(`module_exists ${name}`)).trim() !== 'true') missingModules.push(name)
  return {
    version,
    isReady: / is ready$/m.test(status),
    profile: profileIn(profile, states, profileText),
    missingModules,
    rtpPorts: rangeIn(switchText),
  }
}

/** A line a profile: name, `profile`, where it listens, its state; blanks and tabs between them. */
function profileIn(name: string, states: string, text: string): SofiaProfile | undefined {
  const row = states.split('\n').find((line) => {
    const [first, kind] = line.trim().split(/\s+/)
    return first === name && kind === 'profile'
  })
  if (row === undefined) return undefined
  const value = (key: string): string =>
    new RegExp(`^${key}[ \\t]+(.*)$`, 'm').exec(text)?.[1]?.trim() ?? ''
  return {
    isRunning: /\bRUNNING\b/.test(row),
    sipAddress: value('SIP-IP'),
    rtpAddress: value('Ext-RTP-IP') || value('RTP-IP'),
    codecs: value('CODECS IN')
      .split(',')
      .map((codec) => codec.trim().toUpperCase())
      .filter((codec) => codec !== ''),
  }
}

function rangeIn(xml: string): PortRange | undefined {
  const port = (name: string): number =>
    Number(new RegExp(`name="${name}" value="(\\d+)"`).exec(xml)?.[1] ?? Number.NaN)
  const range = { min: port('rtp-start-port'), max: port('rtp-end-port') }
  return Number.isNaN(range.min) || Number.isNaN(range.max) ? undefined : range
}
