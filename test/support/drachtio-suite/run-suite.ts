// All of drachtio-srf's own tests against two embedded servers, every assertion counted: a test that stops half-way
// fails nothing by itself.
import { existsSync } from 'node:fs'
import t, { type Test } from 'tap'
import { startEmbeddedSip } from '../../../gateway/embedded/index.ts'
import { prepareDrachtioSuite, suiteHost, type SuiteTransport } from './suite.ts'

const skip = existsSync('/usr/bin/sipp') ? false : 'sipp is not installed'

const FILES = [
  ['uas.js', 8],
  ['uac.js', 19],
  ['b2b.js', 19],
  ['reinvite-tests.js', 1],
  ['refer.js', 1],
] as const

export function testDrachtioSuite(transport: SuiteTransport): void {
  // The uas test waits out 64·T1 (32 s) for a lost ACK.
  t.setTimeout(240_000)
  const title = `drachtio-srf's own tests pass against the embedded server over ${transport}`
  t.test(title, { skip }, (t) => runSuite(t, transport))
}

async function runSuite(t: Test, transport: SuiteTransport): Promise<void> {
  // Both: a Contact without a transport parameter is called over UDP (RFC 3263 §4.1).
  const listen = (last: number) => {
    const host = suiteHost(transport, last)
    return startEmbeddedSip({
      listen: [
        { protocol: 'udp', host, port: 5060 },
        { protocol: 'tcp', host, port: 5060 },
      ],
    })
  }
  const sut = await listen(10)
  const uas = await listen(19)
  t.teardown(async () => {
    await sut.close()
    await uas.close()
  })
  const suite = await prepareDrachtioSuite({ sut: sut.admin, uas: uas.admin, transport })
  t.teardown(() => suite.close())
  for (const [file, assertions] of FILES) {
    const { passed, failed, output } = await suite.run(file, 100_000)
    t.equal(passed, assertions, `${file}: every assertion was reached`, { output })
    t.equal(failed, 0, `${file}: none failed`, { output })
  }
  t.match(await sut.stats(), { dropped: { 'no-start-line': undefined } })
}
