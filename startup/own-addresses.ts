// Are the addresses we were given this machine's? Asked before anything opens: RTP sockets open with the first call only.
import type { Config } from '#core/config'
import { AppError } from '#core/errors'
import { listenOnce } from './listen-once.ts'

/** @throws AppError `CONFIGURATION_INVALID` that lists every one which is not. */
export async function requireOwnAddresses({ drachtio, sipListen, rtpHost }: Config): Promise<void> {
  // A drachtio-server listens where its own configuration says.
  const ours = drachtio === undefined ? sipListen : []
  const sipHosts = [...new Set(ours.map(({ host }) => host))]
  const problems = [
    ...(await Promise.all(sipHosts.map((host) => problemOf('SIP_LISTEN', host)))),
    await problemOf('RTP_HOST', rtpHost),
  ].filter((problem) => problem !== undefined)
  if (problems.length > 0) throw new AppError('CONFIGURATION_INVALID', problems.join('\n'))
}

/** Any free UDP port will do: that is the question with the least effect. */
async function problemOf(setting: string, host: string): Promise<string | undefined> {
  const code = await listenOnce('udp', host, 0)
  return code === undefined ? undefined : `${setting}: ${whyNot(host, code)}`
}

/** @param code the system's */
export const whyNot = (host: string, code: string): string =>
  code === 'EADDRNOTAVAIL'
    ? `no interface has ${host}; listen on the private address and set SIP_ADVERTISE to the public one`
    : `${host} cannot be had (${code})`
