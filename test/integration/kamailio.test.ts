// The product as a customer of Debian's Kamailio over UDP and TCP: registered, calling, called, and gone again.
import t from 'tap'
import { kamailioOptions } from '../support/kamailio.ts'
import { sippOptions } from '../support/sipp.ts'
import { isServedAsCustomer } from './kamailio-customer.ts'

for (const protocol of ['udp', 'tcp'] as const)
  t.test(`a customer of Kamailio over ${protocol}`, { ...sippOptions, ...kamailioOptions }, (t) =>
    isServedAsCustomer(t, { protocol, deliverBy: 'contact' }),
  )
