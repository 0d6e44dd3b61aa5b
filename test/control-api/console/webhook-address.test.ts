// What the pages of webhooks make of an address, and of what the server says of a receiver.
import t from 'tap'
import { hostOf, shownAddress } from '../../../control-api/console/pages/webhooks/shown-address.ts'
import {
  isRefusedAddress,
  troubleIn,
  TROUBLES,
} from '../../../control-api/console/pages/webhooks/trouble.ts'

t.test('an address is shown without what may be a secret in it', (t) => {
  for (const [url, shown] of [
    ['https://example.com/', 'https://example.com'],
    ['https://example.com/hooks/voicegate', 'https://example.com/hooks/voicegate'],
    ['https://example.com:8443/a', 'https://example.com:8443/a'],
    ['https://example.com/in?token=s3cret&token=2&x=', 'https://example.com/in?token=…&x=…'],
    [
      'https://hooks.example.com/services/T02ABCDEF12/B99',
      'https://hooks.example.com/services/…/B99',
    ],
    ['https://example.com/abcdefghijklmnopqrstuvwxyzab', 'https://example.com/…'],
    ['nonsense with s3cret', '…'],
  ] as const)
    t.equal(shownAddress(url), shown)
  t.equal(hostOf('https://example.com:8443/token'), 'example.com:8443')
  t.end()
})

t.test('what the server says of a receiver is one of the troubles with words', (t) => {
  const said = {
    not_https: 'The address may not be called: it is not https.',
    wrong_port: 'refused: its port is not 443',
    not_public: 'refused: its host is not on the public internet',
    with_password: 'it carries a user name or a password',
    with_fragment: 'it has a fragment, which no server ever sees',
    no_address: 'it is no https address',
    unknown_host: 'its host name has no address',
    redirects: 'answered 302: redirects are not followed',
    gone: 'answered 410: it wants no more',
    nobody_listens: 'nobody listens there',
    no_answer: 'no answer within 10000 ms',
    cut: 'the connection was cut',
    not_kept: 'the event is not kept any more',
    secret_lost: 'its secret cannot be opened',
  }
  for (const trouble of TROUBLES) t.equal(troubleIn(said[trouble]), trouble)
  t.equal(troubleIn('answered 500'), undefined, 'a status says enough')
  t.ok(isRefusedAddress('not_public'))
  t.notOk(isRefusedAddress('nobody_listens'), 'that is the receiver’s own fault')
  t.end()
})
