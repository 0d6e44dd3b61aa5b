// The outbound proxy: where a request goes, and the Route that tells the proxy so (RFC 3261 §8.1.2).

/** For drachtio's frame: a drachtio-server goes by this and drops the header. */
export const nextHop = (proxy: string | undefined): { readonly proxy?: string } =>
  proxy === undefined ? {} : { proxy }

/** `lr`: the Request-URI stays the callee's. */
export const preloadedRoute = (proxy: string | undefined): { readonly Route?: string } =>
  proxy === undefined ? {} : { Route: `<${proxy};lr>` }
