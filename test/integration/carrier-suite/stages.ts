// On what the suite is played: a SIP server and a media path. The scenarios know nothing of it.
import type { Test } from 'tap'
import type { Trunk } from '#core/contracts'
import type { DrachtioAccess } from '#gateway'
import { drachtioServerOptions, startDrachtioServer } from '../../support/drachtio-server.ts'
import { freeSwitchOptions, startFreeSwitch } from '../../support/freeswitch.ts'

export interface StageParts {
  readonly drachtio?: DrachtioAccess
  readonly settings: Readonly<Record<string, string>>
  /** What every trunk of the stage has. */
  readonly trunk: Partial<Trunk>
}

export interface CarrierStage {
  readonly name: string
  /** Why it cannot be played here. */
  readonly skip?: string
  readonly prepare: (t: Test) => Promise<StageParts>
}

async function withDrachtio(t: Test): Promise<StageParts> {
  const server = await startDrachtioServer()
  t.teardown(() => server.close())
  return { drachtio: server.admin, settings: {}, trunk: {} }
}

/** Between their audio and ours from the first INVITE on: nothing else is seen by the carrier. */
async function withFreeSwitch(t: Test, parts: StageParts): Promise<StageParts> {
  const { host, port, secret } = await startFreeSwitch(t)
  const settings = {
    FREESWITCH_HOST: host,
    FREESWITCH_PORT: String(port),
    FREESWITCH_SECRET: secret,
  }
  return { ...parts, settings, trunk: { media: 'anchored' } }
}

export const STAGES: readonly CarrierStage[] = [
  {
    name: 'the embedded SIP server',
    prepare: () => Promise.resolve({ settings: {}, trunk: {} }),
  },
  { name: 'drachtio-server', ...drachtioServerOptions, prepare: withDrachtio },
  {
    name: 'the embedded SIP server with FreeSWITCH',
    ...freeSwitchOptions,
    prepare: (t) => withFreeSwitch(t, { settings: {}, trunk: {} }),
  },
  {
    name: 'drachtio-server with FreeSWITCH',
    ...freeSwitchOptions,
    ...drachtioServerOptions,
    prepare: async (t) => withFreeSwitch(t, await withDrachtio(t)),
  },
]
