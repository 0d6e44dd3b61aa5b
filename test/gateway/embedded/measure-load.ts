// By hand: how many calls a second the embedded server takes. `node measure-load.ts 100 300 1000`
// The server's thread and the application share this process; sipp is another. Each rate runs for five seconds.
import { connectAnswering } from './answering-app.ts'
import { startEmbeddedSip } from '../../../gateway/embedded/index.ts'
import { runSipp } from './sipp.ts'

const SECONDS = 5
const rates = process.argv.slice(2).map(Number)
const sip = await startEmbeddedSip({ listen: [{ protocol: 'udp', host: '127.0.0.1', port: 0 }] })
const srf = await connectAnswering(sip.admin)
const [address] = sip.addresses
console.log('rate  calls  failed  sipp-retrans  own-retrans  cpu-ms/call  rss-MB')
for (const rate of rates.length === 0 ? [100, 300, 500, 1_000] : rates) {
  const calls = rate * SECONDS
  const before = await sip.stats()
  const cpu = process.cpuUsage()
  const counts = await runSipp(
    [
      '-sn',
      'uac',
      `${address?.host}:${address?.port}`,
      '-i',
      '127.0.0.1',
      '-r',
      String(rate),
      '-m',
      String(calls),
      '-d',
      '100',
      '-l',
      '6000',
    ],
    120_000,
  )
  const used = process.cpuUsage(cpu)
  const after = await sip.stats()
  const row = [
    rate,
    counts.successful,
    counts.failed,
    counts.retransmissions,
    after.retransmissionsSent - before.retransmissionsSent,
    ((used.user + used.system) / 1_000 / calls).toFixed(2),
    Math.round(process.memoryUsage().rss / 1e6),
  ]
  console.log(row.join('  '))
}
console.log(await sip.stats())
srf.disconnect()
await sip.close()
