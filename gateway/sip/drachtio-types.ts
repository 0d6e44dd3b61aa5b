// The part of drachtio-srf 5.0.29 that we use, typed by hand from its source: its own typings are wrong in many places
// (connect is no promise, source_port is a number, the callback forms are missing).

export interface SrfMessage {
  readonly uri: string
  readonly body: string
  readonly source_address?: string
  get(header: string): string
  has(header: string): boolean
  getParsedHeader(header: string): { readonly uri: string; readonly params: Record<string, string> }
}

export interface SrfRequest extends SrfMessage {
  cancel(options: object, callback: (error: Error | null) => void): void
  on(event: 'cancel', listener: () => void): void
}

export interface SrfResponse extends SrfMessage {
  readonly status: number
  send(
    status: number,
    options?: { readonly headers?: Readonly<Record<string, string>>; readonly body?: string },
  ): void
}

export interface SrfDialog {
  readonly sip: { readonly callId: string; readonly localTag: string; readonly remoteTag: string }
  readonly local: { sdp: string }
  readonly remote: { readonly uri: string; readonly sdp: string }
  readonly req: SrfMessage
  /** `reason` is `normal release` for a BYE off the wire, else the server's own words. */
  on(
    event: 'destroy',
    listener: (request: SrfMessage & { readonly source?: string }, reason?: string) => void,
  ): void
  on(event: 'ack', listener: (request: SrfMessage) => void): void
  on(
    event: 'modify' | 'update' | 'refer' | 'message' | 'notify',
    listener: (request: SrfMessage, response: SrfResponse) => void,
  ): void
  destroy(options: object, callback: (error: SrfError | null) => void): void
}

/** What createUAC and createUAS report: SipError carries the status and the response. */
export interface SrfError extends Error {
  readonly status?: number
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

export type Srf = {
  readonly [V in Verb]: (handler: (request: SrfRequest, response: SrfResponse) => void) => void
} & {
  connect(options: {
    readonly host: string
    readonly port: number
    readonly secret: string
    readonly reconnect: { readonly retryMaxDelay: number }
  }): void
  disconnect(): void
  on(event: 'connect', listener: (error: Error | null, hostport?: string) => void): void
  on(event: 'reconnecting', listener: () => void): void
  on(event: 'error', listener: (error: Error) => void): void
  createUAC(
    uri: string,
    options: { readonly headers: Readonly<Record<string, string>>; readonly localSdp: string },
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
