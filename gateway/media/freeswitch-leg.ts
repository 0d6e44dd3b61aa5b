// One side of an anchored call: a SIP leg of FreeSWITCH, with a port of its own.
import { setTimeout as sleep } from 'node:timers/promises'
import { ms } from '#core/contracts'
import { AppError } from '#core/errors'
import { createTurns } from '#core/lifecycle'
import type { FsmrfEndpoint, FsmrfMediaServer, FsmrfResponse } from './freeswitch-types.ts'
import { settled } from './settled.ts'

/** A link to a FreeSWITCH, until it is lost. */
export interface FreeSwitchLink {
  readonly server: FsmrfMediaServer
  readonly lost: AbortSignal
}

/** It takes 20 ms. With the bridge after it, a call is anchored within 5 s or not at all. */
const CREATE_WITHIN = ms(3000)
const BRIDGE_WITHIN = ms(2000)
const REINVITE_WITHIN = ms(3000)
const CLOSE_WITHIN = ms(2000)
const MAX_TRIES = 5
const PAUSE_MS = 40

/** @throws AppError `MEDIA_SERVER_FAILED` */
export async function openLeg(
  { server, lost }: FreeSwitchLink,
  sdp: string,
): Promise<FreeSwitchLeg> {
  const endpoint = await settled(server.createEndpoint({ remoteSdp: spelled(sdp) }), {
    name: 'a port of FreeSWITCH',
    timeout: CREATE_WITHIN,
    lost,
    tooLate: (late) => void release(late, lost),
  })
  // Else each command waits 44 ms for its own acknowledgement.
  endpoint.conn?.socket?.setNoDelay(true)
  return new FreeSwitchLeg(endpoint, lost)
}

/**
 * drachtio-fsmrf takes every SAVP in capitals for DTLS and refuses it; to FreeSWITCH the two are the same.
 * FreeSWITCH must see it in the first description: a leg that began with plain RTP never changes to SRTP.
 */
const spelled = (sdp: string): string => sdp.replace(/^(m=audio \d+ RTP\/)SAVP /m, '$1savp ')

/** While the leg is being bridged, FreeSWITCH is busy with it. */
const isPassing = ({ status }: FsmrfResponse): boolean => status === 491 || status >= 500

export class FreeSwitchLeg {
  readonly #endpoint: FsmrfEndpoint
  readonly #lost: AbortSignal
  readonly #turns = createTurns()
  #words: string
  #closed: Promise<void> | undefined

  constructor(endpoint: FsmrfEndpoint, lost: AbortSignal) {
    this.#endpoint = endpoint
    this.#lost = lost
    this.#words = endpoint.dialog.remote.sdp
  }

  /** What FreeSWITCH last said of its port. */
  get words(): string {
    return this.#words
  }

  onGone(listener: () => void): void {
    this.#endpoint.on('destroy', listener)
    this.#endpoint.dialog.on('destroy', listener)
  }

  /** @throws AppError `MEDIA_SERVER_FAILED` */
  async bridge(other: FreeSwitchLeg): Promise<void> {
    await settled(this.#endpoint.bridge(other.#endpoint.uuid), {
      name: 'bridging two legs',
      timeout: BRIDGE_WITHIN,
      lost: this.#lost,
    })
  }

  /**
   * Offers FreeSWITCH another description of the far side, one after the other.
   * @returns its answer; undefined when it refuses, and then all stays as it was
   * @throws AppError `MEDIA_SERVER_FAILED`
   */
  reoffer(sdp: string): Promise<string | undefined> {
    return this.#turns.take(() => this.#reoffer(sdp))
  }

  async #reoffer(body: string): Promise<string | undefined> {
    const name = 'a re-INVITE to FreeSWITCH'
    const waiting = { name, timeout: REINVITE_WITHIN, lost: this.#lost }
    let answer = await settled(this.#invite(body), waiting)
    for (let tries = 1; isPassing(answer) && tries < MAX_TRIES; tries += 1) {
      await sleep(PAUSE_MS)
      answer = await settled(this.#invite(body), waiting)
    }
    if (answer.status !== 200) return undefined
    this.#words = answer.body
    return answer.body
  }

  /** Not drachtio-srf's modify(): after one refusal that never lets another through. */
  #invite(body: string): Promise<FsmrfResponse> {
    const { dialog } = this.#endpoint
    const { promise, resolve, reject } = Promise.withResolvers<FsmrfResponse>()
    if (!dialog.connected || this.#lost.aborted) {
      reject(new AppError('MEDIA_SERVER_FAILED', 'FreeSWITCH let the leg go'))
      return promise
    }
    const headers = { Contact: dialog.local.contact }
    dialog.request({ method: 'INVITE', body, headers }, (error, response) => {
      if (error) reject(error)
      else if (response && response.status >= 200) resolve(response)
    })
    return promise
  }

  /** Idempotent; never rejects. */
  close(): Promise<void> {
    this.#closed ??= release(this.#endpoint, this.#lost)
    return this.#closed
  }
}

/** By the event socket, which FreeSWITCH answers with a BYE; by a BYE of ours where that socket is gone. */
async function release(endpoint: FsmrfEndpoint, lost: AbortSignal): Promise<void> {
  const { conn, dialog } = endpoint
  if (!dialog.connected) return
  const released =
    conn && !lost.aborted
      ? endpoint.destroy()
      : new Promise<void>((resolve) => dialog.destroy({}, () => resolve()))
  // A FreeSWITCH that is gone says nothing any more; what it left behind it ends by itself (freeswitch/README.md).
  const name = 'a hang-up of FreeSWITCH'
  await settled(released, { name, timeout: CLOSE_WITHIN, lost }).catch(() => undefined)
}
