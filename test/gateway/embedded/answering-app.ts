// A drachtio-srf application that answers every call; run as a process of its own it leaves the SIP thread alone.
import { createRequire } from 'node:module'
import type { Any } from './harness.ts'
import { SDP } from './sip-peer.ts'

const Srf: Any = createRequire(import.meta.url)('drachtio-srf')

export function answerEverything(srf: Any): void {
  srf.invite((req: Any, res: Any) => {
    srf.createUAS(req, res, { localSdp: SDP }).catch(() => undefined)
  })
}

export function connectAnswering(admin: object): Promise<Any> {
  const srf = new Srf()
  answerEverything(srf)
  srf.on('error', () => undefined)
  srf.connect({ ...admin, reconnect: { maxAttempts: 1 } })
  return new Promise((resolve) => {
    srf.once('connect', () => {
      resolve(srf)
    })
  })
}
