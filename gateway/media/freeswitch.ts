// MediaServer over drachtio-fsmrf: one FreeSWITCH, connected to again and again for as long as we run. Its only import.
import DrachtioFsmrf from 'drachtio-fsmrf'
import { createServer } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { ms, type Milliseconds } from '#core/contracts'
import { AppError, messageOf } from '#core/errors'
import { inBackground, type Logger } from '#core/telemetry'
import { backOffAfter } from '#core/time'
import { connectDrachtio, type DrachtioConnection } from '../sip/drachtio-connection.ts'
import type { SipServerAddress } from '../sip/drachtio.ts'
import { openAnchor } from './freeswitch-anchor.ts'
import type { FreeSwitchLink } from './freeswitch-leg.ts'
import type { Fsmrf, FsmrfClass, FsmrfMediaServer } from './freeswitch-types.ts'
import type { AnchorOptions, MediaAnchor, MediaServer } from './media-server-port.ts'
import { probeEventSocket, type EventSocketAddress } from './probe-event-socket.ts'
import { settled } from './settled.ts'

export interface FreeSwitchDeps {
  readonly logger: Logger
}

export interface FreeSwitchOptions extends EventSocketAddress {
  /** The SIP server that its legs go by. */
  readonly sipServer: SipServerAddress
  /** How often it is asked whether it still answers; default 5 s. */
  readonly askEvery?: Milliseconds
}

/** drachtio-fsmrf's default; freeswitch/autoload_configs/sofia.conf.xml has it. */
const PROFILE = 'drachtio_mrf'
/** drachtio-fsmrf itself gives up after 1 s. */
const CONNECT_WITHIN = ms(2000)
/** It answers in a millisecond; one that does not in this time serves no call either. */
const ANSWER_WITHIN = ms(3000)
const ASK_EVERY = ms(5000)
const BACK_OFF = { firstMs: 500, maxMs: 10_000 }

/** Returns at once and connects in the background: a FreeSWITCH that is away stops no start. */
export function openFreeSwitch(deps: FreeSwitchDeps, options: FreeSwitchOptions): MediaServer {
  return new FreeSwitch(deps, options)
}

class FreeSwitch implements MediaServer {
  nearAddress: string | undefined
  readonly #logger: Logger
  readonly #options: FreeSwitchOptions
  readonly #sip: DrachtioConnection
  readonly #fsmrf: Fsmrf
  readonly #closing = new AbortController()
  readonly #kept: Promise<void>
  #link: FreeSwitchLink | undefined

  constructor({ logger }: FreeSwitchDeps, options: FreeSwitchOptions) {
    this.#logger = logger
    this.#options = options
    this.#sip = connectDrachtio(logger, options.sipServer)
    this.#fsmrf = new (DrachtioFsmrf as FsmrfClass)(this.#sip.srf)
    this.#kept = this.#keepConnected()
    inBackground(this.#kept, logger, 'staying connected to FreeSWITCH')
  }

  get isConnected(): boolean {
    return this.#link !== undefined
  }

  async anchor(options: AnchorOptions): Promise<MediaAnchor> {
    const link = this.#link
    if (!link) throw new AppError('MEDIA_SERVER_FAILED', 'FreeSWITCH is not connected')
    return openAnchor(link, options)
  }

  async close(): Promise<void> {
    this.#closing.abort(new AppError('MEDIA_SERVER_FAILED', 'we are closing'))
    await this.#kept
    this.#sip.close()
  }

  /** The failures before the last success say how long to wait. */
  async #keepConnected(): Promise<void> {
    const { signal } = this.#closing
    for (let failures = 0; !signal.aborted;) {
      try {
        await this.#stayConnected(await this.#connect())
        failures = 0
      } catch (error) {
        failures += 1
        const detail = messageOf(error)
        if (failures === 1 && !isAborted(signal))
          this.#logger.error({ detail }, 'FreeSWITCH is not there: trying again and again')
      }
      const pause = backOffAfter(Math.max(failures, 1), BACK_OFF, Math.random)
      await sleep(pause, undefined, { signal }).catch(() => undefined) // Closing: the loop ends.
    }
  }

  async #connect(): Promise<FsmrfMediaServer> {
    const { host: address, port, secret } = this.#options
    const listenAddress = await probeEventSocket(this.#options, PROFILE, this.#closing.signal)
    await requireBindable(listenAddress)
    const server = await settled(
      this.#fsmrf.connect({ address, port, secret, listenAddress, profile: PROFILE }),
      {
        name: 'connecting to FreeSWITCH',
        timeout: CONNECT_WITHIN,
        lost: this.#closing.signal,
        tooLate: (late) => disconnect(late),
      },
    )
    this.nearAddress = listenAddress
    return server
  }

  /** Until it is lost or we close. */
  async #stayConnected(server: FsmrfMediaServer): Promise<void> {
    const lost = new AbortController()
    const lose = (why: string): void => lost.abort(new AppError('MEDIA_SERVER_FAILED', why))
    // Its own reconnecting knows neither a new secret nor a profile that is missing.
    server.conn.reconnectOpts = { maxAttempts: 1 }
    server.conn.socket?.setNoDelay(true)
    server.on('end', () => lose('FreeSWITCH is gone'))
    this.#link = { server, lost: lost.signal }
    this.#logger.info('connected to FreeSWITCH')
    try {
      await this.#watch(server, lost.signal)
    } catch (error) {
      lose(messageOf(error))
    } finally {
      this.#link = undefined
      disconnect(server)
    }
    if (!isAborted(this.#closing.signal))
      this.#logger.error({ detail: messageOf(lost.signal.reason) }, 'FreeSWITCH is lost')
  }

  /** A FreeSWITCH that hangs, or is cut off, closes no socket: it is asked. Rejects when it is lost. */
  async #watch(server: FsmrfMediaServer, lost: AbortSignal): Promise<never> {
    const { askEvery = ASK_EVERY } = this.#options
    const signal = AbortSignal.any([lost, this.#closing.signal])
    for (;;) {
      await sleep(askEvery, undefined, { signal })
      const name = 'an answer of FreeSWITCH'
      await settled(server.api('uptime'), { name, timeout: ANSWER_WITHIN, lost: signal })
    }
  }
}

/** Asked anew each time: it changes while we wait. */
const isAborted = ({ aborted }: AbortSignal): boolean => aborted

/** drachtio-fsmrf listens there without hearing of its own failure. */
async function requireBindable(address: string): Promise<void> {
  const server = createServer()
  const { promise, resolve, reject } = Promise.withResolvers<undefined>()
  server.once('error', reject).listen(0, address, () => resolve(undefined))
  await promise
  server.close()
}

function disconnect(server: FsmrfMediaServer): void {
  server.disconnect()
}
