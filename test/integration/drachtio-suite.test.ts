// drachtio-srf's own uas and uac tests, from its npm tarball, against the embedded server: 8 + 19 assertions.
import { existsSync } from 'node:fs'
import t from 'tap'
import { startEmbeddedSip } from '../../gateway/embedded/index.ts'
import { prepareDrachtioSuite } from '../support/drachtio-suite/suite.ts'

const SIPP = '/usr/bin/sipp'
const skip = existsSync(SIPP) ? false : 'sipp is not installed'
// The uas test waits out 64·T1 (32 s) for a lost ACK.
t.setTimeout(240_000)

t.test("drachtio-srf's own tests pass against the embedded server", { skip }, async (t) => {
  const listen = (host: string) =>
    startEmbeddedSip({ listen: [{ protocol: 'udp', host, port: 5060 }] })
  const sut = await listen('127.0.0.10')
  const uas = await listen('127.0.0.19')
  t.teardown(async () => {
    await sut.close()
    await uas.close()
  })
  const suite = await prepareDrachtioSuite({ sut: sut.admin, uas: uas.admin })
  t.teardown(() => suite.close())
  await suite.startContainers()
  for (const [file, assertions] of [
    ['uas.js', 8],
    ['uac.js', 19],
    ['b2b.js', 19],
    ['reinvite-tests.js', 1],
    ['refer.js', 1],
  ] as const) {
    const { passed, failed, output } = await suite.run(file, 100_000)
    t.equal(passed, assertions, `${file}: every assertion was reached`, { output })
    t.equal(failed, 0, `${file}: none failed`, { output })
  }
  t.match(await sut.stats(), { dropped: { 'no-start-line': undefined } })
})
