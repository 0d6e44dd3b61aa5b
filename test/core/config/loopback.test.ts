import t from 'tap'
import { isLoopback } from '../../../core/config/index.ts'

t.test('what never leaves this machine, however it is written', async (t) => {
  const here = ['127.0.0.1', '127.255.0.9', '::1', '[::1]', '0:0:0:0:0:0:0:1', 'localhost']
  // As a socket of both families names a peer.
  for (const host of [...here, 'LocalHost', '::ffff:127.0.0.1']) t.ok(isLoopback(host), host)
})

t.test('all else is beyond it', async (t) => {
  const elsewhere = ['126.0.0.1', '128.0.0.1', '0.0.0.0', '::', '::2', '10.0.0.1']
  const mapped = ['::ffff:10.0.0.1', '::ffff:128.0.0.1']
  const noAddress = ['', '127.0.0.300', '127.0.0.1.example', 'localhost.example', 'loopback']
  for (const host of [...elsewhere, ...mapped, ...noAddress]) t.notOk(isLoopback(host), host)
})
