// Where the vendor is and which key opens it: what ELEVENLABS_API_KEY, _BASE_URL and _WS_URL came to.

export interface AgentConnectionConfig {
  /** With a key, sessions are opened by signed URL; without one only public agents answer. */
  readonly apiKey?: string
  /** REST address, for example `https://api.elevenlabs.io`. */
  readonly restUrl: string
  /**
   * Socket address for agents without a key; default: `restUrl` with ws or wss. When set, it also replaces scheme,
   * host and port of a signed URL.
   */
  readonly wsUrl?: string
}
