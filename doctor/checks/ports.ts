// The addresses we listen on: free, ours already, or somebody else's.
import type { Check, Patient } from '../check.ts'
import { fail, ok, warn, type Finding } from '../finding.ts'
import { listenOnce } from '../../startup/listen-once.ts'

interface Place {
  readonly setting: 'HTTP_PORT' | 'SIP_LISTEN'
  readonly label: string
  readonly transport: 'udp' | 'tcp'
  readonly host: string
  readonly port: number
}

export const ports: Check = {
  name: 'ports',
  async run(patient) {
    const found: Finding[] = []
    for (const place of placesOf(patient)) found.push(await examine(place, patient))
    return found
  },
}

function placesOf({ config }: Patient): Place[] {
  const { httpHost, httpPort, sipTls, drachtio } = config
  // A drachtio-server listens for us.
  const sipListen = drachtio === undefined ? config.sipListen : []
  const http = { setting: 'HTTP_PORT', label: 'http', transport: 'tcp', host: httpHost } as const
  // Without a certificate nothing listens for TLS: that has a warning of its own.
  const bound = sipListen.filter(({ protocol }) => protocol !== 'tls' || sipTls.cert !== undefined)
  const sip = bound.map(({ protocol, host, port }): Place => {
    const transport = protocol === 'udp' ? 'udp' : 'tcp'
    return { setting: 'SIP_LISTEN', label: `sip ${protocol}`, transport, host, port }
  })
  return [{ ...http, port: httpPort }, ...sip]
}

/** Behind NAT. */
const REMEDIES = {
  HTTP_PORT:
    'set HTTP_HOST to the private address of this machine, and PUBLIC_URL to where others reach it',
  SIP_LISTEN:
    'listen on the private address of this machine, and set SIP_ADVERTISE to the public one',
} as const

async function examine(place: Place, { config, isRunning }: Patient): Promise<Finding> {
  const { label, transport, host, port, setting } = place
  const where = `${label} ${host.includes(':') ? `[${host}]` : host}:${port}`
  const code = await listenOnce(transport, host, port)
  if (code === undefined) return ok('ports', `${where} is ${port === 0 ? 'any free one' : 'free'}`)
  if (code !== 'EADDRINUSE') {
    const todo =
      code === 'EADDRNOTAVAIL'
        ? `No interface has it: ${REMEDIES[setting]}.`
        : `Set ${setting} to an address and port that this machine and user may have.`
    return fail('ports', `${where} cannot be had (${code})`, todo)
  }
  if (isRunning) return ok('ports', `${where} is taken, and a voicegate is running here`)
  const seen = `${where} is taken by another program`
  return config.rehearsal
    ? warn('ports', seen, 'Nothing has to be done: a rehearsal takes a free one and prints it.')
    : fail('ports', seen, `Stop that program, or set ${setting} to another port.`)
}
