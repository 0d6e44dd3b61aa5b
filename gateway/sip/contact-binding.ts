// The bindings that a registrar lists in Contact (RFC 3261 §10.2.4, §20.10): how long ours stands.

/**
 * Seconds until our binding expires: its own `expires`, else the header Expires, else what was asked for. A registrar
 * behind a translator may show another address than we gave: then ours is one of our user's, or just one of those
 * listed, and the shortest counts. Too early costs a REGISTER, too late costs calls.
 * @param listed the Contact headers of the 200 OK, joined by commas
 * @param ours the Contact as it was sent
 */
export function bindingExpiry(
  listed: string,
  ours: string,
  headerExpires: string | undefined,
  asked: number,
): number {
  const bindings = decodeBindings(listed)
  const [sent] = decodeBindings(ours)
  const otherwise = secondsOf(headerExpires) ?? asked
  const expiryOf = ({ parameters }: Binding): number => expiresIn(parameters) ?? otherwise
  const own = bindings.find(({ address }) => address === sent?.address)
  if (own) return expiryOf(own)
  if (bindings.length === 0) return otherwise
  const sameUser = bindings.filter(({ user }) => user === sent?.user)
  return shortestOf((sameUser.length > 0 ? sameUser : bindings).map(expiryOf))
}

/** Zero is a binding that was just removed, and ours only when nothing else stands. */
const shortestOf = (expiries: readonly number[]): number =>
  expiries.reduce((shortest, each) =>
    shortest === 0 || (each > 0 && each < shortest) ? each : shortest,
  )

const expiresIn = (parameters: string): number | undefined =>
  secondsOf(/;\s*expires\s*=\s*"?(\d{1,10})/i.exec(parameters)?.[1])

/** The whole seconds at the start of Expires, Min-Expires and Retry-After, which may go on with a comment. */
export function secondsOf(text: string | undefined): number | undefined {
  const digits = /^\s*(\d{1,10})/.exec(text ?? '')?.[1]
  return digits === undefined ? undefined : Number(digits)
}

interface Binding {
  /** `user@host:port`, by which two Contacts of ours are the same. */
  readonly address: string
  /** Empty, or with its `@`. */
  readonly user: string
  /** Those of the Contact; those inside the angle brackets are the URI's. */
  readonly parameters: string
}

/** One pass over the text, so that a strange one costs no time. */
function decodeBindings(text: string): Binding[] {
  const bindings: Binding[] = []
  let uri = ''
  let rest = ''
  let within: 'nothing' | 'quotes' | 'brackets' = 'nothing'
  for (let at = 0; at <= text.length; at += 1) {
    const char = text[at] ?? ','
    if (within === 'quotes') {
      if (char === '\\') at += 1
      else if (char === '"') within = 'nothing'
      else rest += char
    } else if (within === 'brackets') {
      if (char === '>') within = 'nothing'
      else uri += char
    } else if (char === '"') within = 'quotes'
    else if (char === '<') {
      // What stood before was the display name.
      within = 'brackets'
      rest = ''
      uri = ''
    } else if (char === ',') {
      bindings.push(bindingOf(uri, rest))
      uri = rest = ''
    } else rest += char
  }
  return bindings.filter(({ address }) => address !== '')
}

/** Without brackets every parameter is the Contact's (RFC 3261 §20). */
function bindingOf(uri: string, rest: string): Binding {
  const semicolon = rest.indexOf(';')
  const bare = semicolon === -1 ? rest : rest.slice(0, semicolon)
  const parameters = semicolon === -1 ? '' : rest.slice(semicolon)
  const address = addressOf(uri === '' ? bare.trim() : uri)
  return { address, user: address.slice(0, address.lastIndexOf('@') + 1), parameters }
}

function addressOf(uri: string): string {
  const address = /^sips?:([^;?]+)/i.exec(uri)?.[1]
  if (address === undefined) return ''
  const at = address.lastIndexOf('@') + 1
  const host = address.slice(at).toLowerCase()
  return address.slice(0, at) + (/:\d+$/.test(host) ? host : `${host}:5060`)
}
