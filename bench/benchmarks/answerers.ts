// Who answers the calls of `setup`: SIPp, the embedded SIP server and drachtio-server with the same least application,
// the whole product.
import { startDrachtioServer } from '../../test/support/drachtio-server.ts'
import type { MediaLoad } from '../load/media-load.ts'
import { answerWithSipp } from '../load/sipp.ts'
import { pinned, type Pinning } from '../process/pinning.ts'
import { withPrograms } from '../process/program.ts'
import { processCpuMs } from '../report/machine.ts'
import type { SipApp } from '../subjects/sip-app.ts'
import type { Product } from '../subjects/voicegate.ts'
import type { Subject } from './rate-climb.ts'

/** The product opens an agent for each: a call must last until it talks. */
const PRODUCT_HOLD_MS = 1000

export interface SubjectOptions {
  readonly pinning: Pinning
  readonly profileDir: string | undefined
}

export const sippAnswering = ({ pinning }: SubjectOptions): Subject => ({
  name: 'SIPp answering',
  holdMs: 0,
  async onFresh(use) {
    const server = await answerWithSipp(pinning.measured.core)
    let before = 0
    try {
      return await use({
        port: server.port,
        begin: () => {
          before = server.cpuMs()
          return Promise.resolve()
        },
        cpuMs: () => Promise.resolve(server.cpuMs() - before),
      })
    } finally {
      await server.stop()
    }
  },
})

export const embeddedAnswering = (options: SubjectOptions): Subject => ({
  name: 'embedded SIP server',
  holdMs: 0,
  onFresh: (use) =>
    withPrograms(async (start) => {
      const app = start<SipApp>('subjects/sip-app.ts', programOptions(options))
      const { port } = await app.ask('start')
      return use({
        port,
        begin: () => app.ask('begin'),
        cpuMs: async () => (await app.ask('end')).cpuMs,
      })
    }),
})

/** Server and application share the measured core, as the embedded server and its application do. */
export const drachtioServerAnswering = (options: SubjectOptions): Subject => ({
  name: 'drachtio-server',
  holdMs: 0,
  onFresh: (use) =>
    withPrograms(async (start) => {
      const server = await startDrachtioServer({
        prefix: pinned([], options.pinning.measured.core),
      })
      try {
        const app = start<SipApp>('subjects/sip-app.ts', programOptions(options))
        await app.ask('connect', server.admin)
        let before = 0
        return await use({
          port: server.address.port,
          begin: () => {
            before = processCpuMs(server.pid)
            return app.ask('begin')
          },
          cpuMs: async () => (await app.ask('end')).cpuMs + processCpuMs(server.pid) - before,
        })
      } finally {
        await server.close()
      }
    }),
})

export function productAnswering(options: SubjectOptions, agent: 'off' | 'on'): Subject {
  let sessions = 0
  return {
    name: `whole product, agent ${agent}`,
    holdMs: PRODUCT_HOLD_MS,
    agentSessions: () => sessions,
    onFresh: (use) =>
      withPrograms(async (start) => {
        const load = start<MediaLoad>('load/media-load.ts', options.pinning.load)
        const product = start<Product>('subjects/voicegate.ts', programOptions(options))
        const { agentUrl } =
          agent === 'on'
            ? await load.ask('open', { calls: 0, format: 'ulaw_8000' })
            : await load.ask('openDeaf')
        const agentWsUrl = agentUrl.replace('http', 'ws')
        const { port } = await product.ask('start', { agentRestUrl: agentUrl, agentWsUrl })
        try {
          return await use({
            port,
            begin: () => product.ask('begin'),
            cpuMs: async () => (await product.ask('end')).cpuMs,
          })
        } finally {
          sessions += await load.ask('agentSessions')
          await product.ask('close')
        }
      }),
  }
}

const programOptions = ({ pinning, profileDir }: SubjectOptions) =>
  profileDir === undefined ? pinning.measured : { ...pinning.measured, profileDir }
