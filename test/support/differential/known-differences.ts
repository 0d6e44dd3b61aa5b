// Where the embedded server means to differ from drachtio-server, and why. A difference that is not here fails the
// test, and so does a line here that no scenario shows any more.

export interface KnownDifference {
  /** `MESSAGE#n: SIDE only: line`, as normal-form.ts says it. */
  readonly line: RegExp
  readonly why: string
  /** Absent: over every transport. */
  readonly over?: 'udp' | 'tcp'
  /** Absent: in every scenario. */
  readonly scenario?: string
}

export const explains = (
  { line, over, scenario }: KnownDifference,
  difference: string,
  where: { readonly protocol: 'udp' | 'tcp'; readonly scenario: string },
): boolean =>
  (over ?? where.protocol) === where.protocol &&
  (scenario ?? where.scenario) === where.scenario &&
  line.test(difference)

export const KNOWN_DIFFERENCES: readonly KnownDifference[] = [
  {
    scenario: 'call in, too short',
    line: /^100 INVITE#1: only drachtio-server sends it$/,
    why: 'RFC 3261 §8.2.7: a request that is refused at once keeps no transaction, and then there is no 100.',
  },
  {
    scenario: 'requests for which there is no route',
    line: /^100 INVITE#1: only drachtio-server sends it$/,
    why: 'RFC 3261 §8.2.7: a request that is refused at once keeps no transaction, and then there is no 100.',
  },
  {
    scenario: 'requests within a dialog that never was',
    line: /^100 INVITE#1: only drachtio-server sends it$/,
    why: 'RFC 3261 §8.2.7: a request that is refused at once keeps no transaction, and then there is no 100.',
  },
  {
    line: /^\d{3} \w+#\d: (drachtio-server only: via: SIP\/2\.0\/\w+ PEER;branch=z9hG4bK-peer-\d+|embedded only: via: SIP\/2\.0\/\w+ PEER;branch=z9hG4bK-peer-\d+;received=127\.0\.0\.1);rport=PORT$/,
    why: 'RFC 3581 §4: who is asked for rport adds received too, even when it is no other than the sent-by.',
  },
  {
    line: /^180 INVITE#1: embedded only: contact: <sip:SERVER(;transport=tcp)?>$/,
    why: 'RFC 3261 §12.1.1: a response that makes an early dialog has a Contact; drachtio-server leaves it to the application.',
  },
  {
    line: /^200 (UPDATE|REFER)#1: embedded only: contact: <sip:SERVER(;transport=tcp)?>$/,
    why: 'RFC 3311 §5.2 and RFC 3515 §2.2: their 2xx has a Contact.',
  },
  {
    line: /^100 INVITE#1: drachtio-server only: record-route: /,
    why: 'RFC 3261 §12.1.1: the route set is of use only in a response with a To tag, and 100 has none.',
  },
  {
    scenario: 'a sequence number that went back',
    line: /^(200 INFO#2: only drachtio-server sends it|500 INFO#1: only embedded sends it)$/,
    why: 'RFC 3261 §12.2.2: a sequence number that went back is 500; drachtio-server hands it to the application.',
  },
  {
    scenario: 'requests within a dialog that never was',
    line: /^(200 INFO#1: only drachtio-server sends it|481 INFO#1: only embedded sends it)$/,
    why: 'RFC 3261 §12.2.2: a To tag that belongs to no dialog is 481; drachtio-server hands INFO to the application.',
  },
  {
    line: /: (drachtio-server only: \w+: <sip:\w+@SERVER>|embedded only: \w+: <sip:\w+@SERVER;transport=tcp>)$/,
    why: 'RFC 3261 §19.1.1: a Contact that is reached by TCP says so; drachtio-server adds it to its own only, not to user@localhost.',
    over: 'tcp',
  },
  {
    line: /: (drachtio-server only: (to|from): <sip:callee@PEER>;(tag=peertag;)?transport=tcp|embedded only: (to|from): <sip:callee@PEER;transport=tcp>(;tag=peertag)?)$/,
    why: 'RFC 3261 §20.10: without brackets what follows is a parameter of the header. drachtio-server writes the dialled URI without.',
    over: 'tcp',
  },
  {
    line: /: (drachtio-server|embedded) only: via: SIP\/2\.0\/TCP SERVER;branch=BRANCH(;rport)?$/,
    why: 'RFC 3581 §3: rport may stand in any request; over TCP it changes nothing.',
    over: 'tcp',
  },
  {
    line: /^ACK#\d: embedded only: (proxy-)?authorization: Digest /,
    why: 'RFC 3261 §22.1: the ACK of a 2xx carries the credentials of its INVITE; drachtio-server leaves them out.',
  },
  {
    line: /^200 INVITE#1: embedded only: require: timer$/,
    why: 'RFC 4028 §9: with refresher=uac the 2xx requires timer.',
  },
  {
    scenario: 'call in, the peer refreshes',
    line: /^200 (INVITE#2|UPDATE#1): embedded only: (require: timer|session-expires: 1800;refresher=uac)$/,
    why: 'RFC 4028 §9: the 2xx of a refresh has Session-Expires too, or the session has no timer any more; drachtio-server leaves it out.',
  },
  {
    scenario: 'call in, nobody named to refresh',
    line: /^200 INVITE#1: embedded only: session-expires: 1800;refresher=uac$/,
    why: 'RFC 4028 §9: ours is the choice; drachtio-server declines the timer unless it is configured.',
  },
  {
    scenario: 'call in, too short',
    line: /^(200 (INVITE|BYE)#1: only drachtio-server sends it|422 INVITE#1: only embedded sends it)$/,
    why: 'RFC 4028 §9: too short is 422 with Min-SE; drachtio-server makes it 90 s, longer than what was asked for.',
  },
]
