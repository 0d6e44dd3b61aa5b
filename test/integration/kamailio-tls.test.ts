// The product as a customer of Debian's Kamailio over TLS, with a certificate of its own and without.
import t from 'tap'
import { opensslOptions } from '../support/certificates.ts'
import { kamailioOptions } from '../support/kamailio.ts'
import { sippOptions } from '../support/sipp.ts'
import { isServedAsCustomer } from './kamailio-customer.ts'

const needed = { ...sippOptions, ...kamailioOptions, ...opensslOptions }

t.test('a customer of Kamailio over TLS, called at its Contact', needed, (t) =>
  isServedAsCustomer(t, { protocol: 'tls', deliverBy: 'contact' }),
)

t.test('without a certificate of ours, called by the connection we opened', needed, (t) =>
  isServedAsCustomer(t, { protocol: 'tls', deliverBy: 'connection' }),
)
