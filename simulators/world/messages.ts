// What the world's thread and its owner say to each other.

/** A number one may dial in rehearsal, and what happens then. */
export interface DemoNumber {
  readonly number: string
  readonly what: string
}

export interface WorldAddresses {
  /** `host:port` of the simulated carrier. */
  readonly carrierDomain: string
  readonly agentRestUrl: string
  readonly agentWsUrl: string
  readonly demoNumbers: readonly DemoNumber[]
  readonly twilio: {
    readonly accountSid: string
    readonly authToken: string
    /** Ours there. */
    readonly phoneNumber: string
    readonly baseUrl: string
  }
  readonly voximplant: {
    readonly accountId: string
    readonly apiKey: string
    /** Ours there. */
    readonly phoneNumber: string
    readonly baseUrl: string
  }
  readonly dId: AnimationAccount
  readonly heyGen: AnimationAccount
}

/** At a vendor that makes photos speak. */
export interface AnimationAccount {
  readonly apiKey: string
  readonly baseUrl: string
}

export type FromWorld =
  | { readonly type: 'ready'; readonly addresses: WorldAddresses }
  | { readonly type: 'failed'; readonly message: string }
  | { readonly type: 'closed' }
export interface ToWorld {
  readonly type: 'close'
}
