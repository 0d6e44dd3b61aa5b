// Who may call in where no trunk is configured: this machine, and nobody else.
import t from 'tap'
import { compileConfig } from '#core/config'
import { outsideOf, trunksOf } from '../../startup/outside.ts'

async function trunksOfSettings(settings: Readonly<Record<string, string>>) {
  const compiled = compileConfig({ ELEVENLABS_AGENT_ID: 'agent_1', ...settings }, {})
  if ('problems' in compiled) throw new Error(JSON.stringify(compiled.problems))
  const outside = await outsideOf(compiled.config)
  await outside.close()
  return outside.trunks
}

t.test('an agent without a trunk is called from this machine, and dials nobody', async (t) => {
  const [local, ...others] = await trunksOfSettings({})
  t.same(others, [])
  t.match(local, { inbound: { addresses: ['127.0.0.0/8', '::1', '127.0.0.1'] }, routes: [] })
  t.equal(local?.health, 'off', 'nobody is asked')
  const [near] = await trunksOfSettings({
    SIP_LISTEN: 'udp:192.0.2.7:5060,tcp:192.0.2.7:5060,udp:0.0.0.0:5070',
    SIP_ADVERTISE: '192.0.2.7',
    RTP_HOST: '192.0.2.7',
  })
  t.same(near?.inbound?.addresses, ['127.0.0.0/8', '::1', '192.0.2.7'], 'never everybody')
})

t.test('where there is a trunk, it is all there is', async (t) => {
  const exolve = {
    EXOLVE_SIP_USER: '883140776920289',
    EXOLVE_SIP_PASS: 'p',
    EXOLVE_SIP_DOMAIN: '127.0.0.1:5070',
  }
  const trunks = await trunksOfSettings(exolve)
  t.same(
    trunks.map(({ name }) => name),
    ['exolve'],
  )
  t.equal(trunksOf({ sipListen: [] }, trunks), trunks)
})
