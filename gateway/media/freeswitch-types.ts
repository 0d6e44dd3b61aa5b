// The part of drachtio-fsmrf 5.0.1 that we use, and of drachtio-srf and drachtio-modesl behind it, typed by hand from
// their sources: the first and the last have no typings.
import type { Socket } from 'node:net'

export interface FsmrfConnection {
  /** Null once it is closed. */
  readonly socket: Socket | null
  /** One attempt is the first connect itself: it never reconnects on its own. */
  reconnectOpts: { maxAttempts?: number }
}

export interface FsmrfResponse {
  readonly status: number
  readonly body: string
}

/** A leg's SIP dialog: drachtio-srf's. */
export interface FsmrfDialog {
  readonly connected: boolean
  readonly local: { readonly contact: string }
  readonly remote: { readonly sdp: string }
  on(event: 'destroy', listener: () => void): void
  destroy(options: object, callback: (error: Error | null) => void): void
  /** Acknowledges an INVITE's answer by itself; provisional answers come, too. */
  request(
    options: {
      readonly method: 'INVITE'
      readonly body: string
      readonly headers: Readonly<Record<string, string>>
    },
    callback: (error: Error | null, response?: FsmrfResponse) => void,
  ): void
}

export interface FsmrfEndpoint {
  readonly uuid: string
  /** Null once FreeSWITCH let it go. */
  readonly conn: FsmrfConnection | null
  readonly dialog: FsmrfDialog
  on(event: 'destroy', listener: () => void): void
  /** uuid_bridge. Rejects with FreeSWITCH's words. */
  bridge(uuid: string): Promise<void>
  /** Hangs up; resolves with the BYE that comes of it, or never. */
  destroy(): Promise<void>
}

export interface FsmrfMediaServer {
  readonly conn: FsmrfConnection
  on(event: 'end', listener: () => void): void
  api(command: string): Promise<string>
  createEndpoint(options: { readonly remoteSdp: string }): Promise<FsmrfEndpoint>
  disconnect(): void
}

export interface Fsmrf {
  connect(options: {
    readonly address: string
    readonly port: number
    readonly secret: string
    /** Where FreeSWITCH dials back to, for each leg. */
    readonly listenAddress: string
    readonly profile: string
  }): Promise<FsmrfMediaServer>
}

export type FsmrfClass = new (srf: unknown) => Fsmrf
