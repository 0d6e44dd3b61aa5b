// The part of drachtio-srf 5.0.29 that we use, typed by hand from its source: its own typings are wrong in many places
// (connect is no promise, source_port is a number, the callback forms are missing).
import type { Socket } from 'node:net'

export interface SrfMessage {
  readonly uri: string
  readonly body: string
  readonly source_address?: string
  readonly source_port?: number
  /** `udp`, `tcp` or `tls`; empty in some frames. */
  readonly protocol?: string
  get(header: string): string
  has(header: string): boolean
  getParsedHeader(header: string): { readonly uri: string; readonly params: Record<string, string> }
}

export interface SrfRequest extends SrfMessage {
  /** The server's own name of the transaction. */
  readonly stackTxnId: string
  cancel(options: object, callback: (error: Error | null) => void): void
  on(event: 'cancel', listener: () => void): void
  on(event: 'response', listener: (response: SrfResponse) => void): void
}

/** One that came from the network. */
export interface SrfReceivedRequest extends SrfRequest {
  /** Values as written, those of a repeated header joined by commas. */
  readonly msg: { readonly headers: Readonly<Record<string, string>> }
}

export interface SrfResponse extends SrfMessage {
  readonly status: number
  /** The request it answers, as it was sent. */
  readonly req: SrfMessage
  readonly reason?: string
  send(
    status: number,
    options?: { readonly headers?: Readonly<Record<string, string>>; readonly body?: string },
    /** With the response as the server sent it; an error or a text of it when it did not. */
    callback?: (error: unknown, sent?: SrfMessage) => void,
  ): void
}

export interface SrfDialog {
  readonly type: 'uac' | 'uas'
  readonly sip: { readonly callId: string; readonly localTag: string; readonly remoteTag: string }
  readonly remote: { readonly uri: string }
  /** The INVITE, and its 200 OK. */
  readonly req: SrfMessage
  readonly res: SrfMessage
  /** `reason` is `normal release` for a BYE off the wire, else the server's own words. */
  on(
    event: 'destroy',
    listener: (request: SrfMessage & { readonly source?: string }, reason?: string) => void,
  ): void
  on(event: 'ack', listener: (request: SrfMessage) => void): void
  on(
    event: 'modify' | 'update' | 'info' | 'refer' | 'message' | 'notify',
    listener: (request: SrfMessage, response: SrfResponse) => void,
  ): void
  readonly srf: { removeDialog(dialog: SrfDialog): void }
  /** Each response, provisional ones too. */
  request(
    options: {
      readonly method: string
      readonly body: string
      readonly headers: Readonly<Record<string, string>>
    },
    callback: (error: SrfError | null, response?: SrfResponse) => void,
  ): void
}

/** What createUAC and createUAS report: SipError carries the status and the response. */
export interface SrfError extends Error {
  readonly status?: number
  /** Phrase of the status line; absent when it was empty. */
  readonly reason?: string
  readonly res?: SrfMessage
  readonly code?: string
}

type Verb =
  | 'invite'
  | 'options'
  | 'register'
  | 'message'
  | 'subscribe'
  | 'publish'
  | 'notify'
  | 'info'
  | 'refer'

/** How its frames leave and arrive: not meant for applications, but there is no other place to keep them small. */
export interface WireProtocol {
  /** It tries no more to connect. */
  closing?: boolean
  readonly reconnectVars?: { readonly retryTimer: NodeJS.Timeout | null }
  /** @param text what follows the frame's id, which is returned */
  send: (socket: Socket, text: string) => string
  emit(event: 'msg', socket: Socket, text: string): void
  on(event: 'msg', listener: (socket: Socket, text: string) => void): void
  on(event: 'close', listener: (socket: Socket) => void): void
}

export type Srf = {
  readonly [V in Verb]: (
    handler: (request: SrfReceivedRequest, response: SrfResponse) => void,
  ) => void
} & {
  connect(options: {
    readonly host: string
    readonly port: number
    readonly secret: string
    readonly reconnect: { readonly retryMaxDelay: number }
  }): void
  disconnect(): void
  /** `client`: once `connect` was called. */
  readonly app: { readonly client?: { readonly wp: WireProtocol } }
  on(event: 'connect', listener: (error: Error | null, hostport?: string) => void): void
  on(event: 'reconnecting', listener: () => void): void
  on(event: 'error', listener: (error: Error) => void): void
  request(
    uri: string,
    options: {
      readonly method: string
      readonly headers: Readonly<Record<string, string>>
      /** Next hop, when it is not what the request is addressed to. */
      readonly proxy?: string
      /** Of the INVITE that a CANCEL is for. */
      readonly stackTxnId?: string
    },
    callback: (error: SrfError | null, request?: SrfRequest) => void,
  ): void
  createUAC(
    uri: string,
    options: {
      readonly headers: Readonly<Record<string, string>>
      readonly localSdp: string
      /** The next hop: the header Route is the application's. */
      readonly proxy?: string
    },
    progress: {
      readonly cbRequest: (error: Error | null, request?: SrfRequest) => void
      readonly cbProvisional: (response: SrfResponse) => void
    },
    callback: (error: SrfError | null, dialog?: SrfDialog) => void,
  ): void
  createUAS(
    request: SrfRequest,
    response: SrfResponse,
    options: {
      readonly localSdp: string
      readonly headers: Readonly<Record<string, string>>
    },
    callback: (error: SrfError | null, dialog?: SrfDialog) => void,
  ): void
}
