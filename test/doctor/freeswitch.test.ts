// The doctor's questions to FreeSWITCH: every way it may be wrong, by a peer of ours; and a real one with our own files.
import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { freeswitch } from '../../doctor/checks/freeswitch.ts'
import { ROOT } from '../deploy/compose-file.ts'
import { eventually, freeTcpPort, startProgram, temporaryFolder } from '../support/process.ts'
import { eventSocketPeer, RUNNING, type Script } from './event-socket-peer.ts'
import { patient, textOf } from './patient.ts'

const SECRET = 'a-secret-of-the-event-socket'
const ANCHORED = `
trunks:
  - name: secure
    domain: 127.0.0.1:5090
    numbers: ['+4930123456']
    media: anchored
    srtp: required
    codecs: [opus, G722, PCMA]
`

const settings = (port: number, more: Readonly<Record<string, string>> = {}) => ({
  FREESWITCH_HOST: '127.0.0.1',
  FREESWITCH_PORT: String(port),
  FREESWITCH_SECRET: SECRET,
  ELEVENLABS_AGENT_ID: 'agent_under_test',
  TRUNKS_FILE: 'trunks.yaml',
  ...more,
})

async function seen(
  t: Test,
  script: Partial<Script> = {},
  more: Readonly<Record<string, string>> = {},
  file = ANCHORED,
): Promise<string> {
  const port = await eventSocketPeer(t, { secret: SECRET, ...script })
  const text = textOf(await freeswitch.run(patient(settings(port, more), () => file)))
  t.notMatch(text, SECRET)
  return text
}

const changed = (command: string, from: string | RegExp, to: string): Partial<Script> => ({
  answers: { ...RUNNING, [command]: (RUNNING[command] ?? '').replace(from, to) },
})

t.test('none is configured', async (t) => {
  t.match(textOf(await freeswitch.run(patient({}))), /^info {2}freeswitch: none is configured/)
})

t.test('all is well', async (t) => {
  const text = await seen(t)
  t.match(text, /^ok {4}freeswitch: FreeSWITCH 1\.11\.1 takes us, and is ready$/m)
  t.match(text, /^ok {4}freeswitch: its SIP profile drachtio_mrf runs, audio at 203\.0\.113\.7$/m)
  t.match(text, /^ok {4}freeswitch: it speaks what the anchored trunks want: opus, G722, PCMA$/m)
  t.match(text, /^ok {4}freeswitch: its RTP ports 16384 to 19999 are nobody else’s$/m)
  t.notMatch(text, '→')
})

t.test('it does not let us in', async (t) => {
  const wrong = await seen(t, { secret: 'another' })
  t.match(wrong, /^fail {2}freeswitch: it refuses our secret$/m)
  t.match(wrong, /→ Set FREESWITCH_SECRET to the password in its event_socket\.conf\.xml/)
  const rude = 'Content-Type: text/rude-rejection\nContent-Length: 24\n\nAccess Denied, go away.\n'
  const denied = await seen(t, { greeting: rude })
  t.match(denied, /^fail {2}freeswitch: it does not admit this machine$/m)
  t.match(denied, /→ Add the address of this machine to the list/)
  const other = await seen(t, { greeting: 'SSH-2.0-OpenSSH_9.2\r\n\n\n' })
  t.match(other, /^fail {2}freeswitch: .* is no event socket of FreeSWITCH$/m)
  t.match(other, /→ Set FREESWITCH_PORT to the listen-port/)
  const nobody = await freeswitch.run(patient(settings(await freeTcpPort()), () => ANCHORED))
  t.match(textOf(nobody), /^fail {2}freeswitch: it is not reached \(ECONNREFUSED\)\n {6}→ Start it/)
})

t.test('whoever says nothing is not waited for', async (t) => {
  const server = createServer(() => undefined).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => server.close())
  const { port } = server.address() as AddressInfo
  const startedAt = performance.now()
  const findings = await freeswitch.run(patient(settings(port), () => ANCHORED))
  t.match(textOf(findings), /is no event socket of FreeSWITCH/)
  t.ok(performance.now() - startedAt < 7000)
})

const FAULTS = [
  [changed('status', 'is ready', 'is not ready'), /fail {2}freeswitch: .* not ready for calls/],
  [changed('version', '1.11.1', '1.8.5'), /warn {2}freeswitch: version 1\.8\.5 was never tried/],
  [
    changed('sofia status', 'drachtio_mrf', 'internal'),
    /fail {2}freeswitch: it has no SIP profile/,
  ],
  [
    changed('sofia status', 'RUNNING', 'DOWN'),
    /fail {2}freeswitch: its SIP profile .* does not run/,
  ],
  [
    changed('module_exists mod_opus', 'true', 'false'),
    /fail {2}freeswitch: mod_opus is not loaded/,
  ],
  [
    changed('sofia status profile drachtio_mrf', 'PCMA,G722,OPUS', 'PCMA,G722'),
    /fail {2}freeswitch: a trunk wants opus, and its profile does not speak it/,
  ],
  [
    changed('xml_locate configuration configuration name switch.conf', '19999', '20010'),
    /fail {2}freeswitch: its RTP ports \(16384 to 20010\) are ours too \(20000 to 29999\)/,
  ],
  [
    changed('xml_locate configuration configuration name switch.conf', '"16384"', '"1024"'),
    /ok {4}freeswitch: its RTP ports 1024 to 19999/,
  ],
] as const

for (const [script, expected] of FAULTS)
  t.test(`it says so: ${expected.source}`, async (t) => {
    const text = await seen(t, script)
    t.match(text, expected)
    for (const line of text.split('\n').filter((each) => /^(?:fail|warn)/.test(each)))
      t.match(text.split('\n')[text.split('\n').indexOf(line) + 1], /^ {6}→ \w/, 'what to do')
  })

t.test('a carrier elsewhere cannot send its audio to loopback', async (t) => {
  const file = ANCHORED.replace('127.0.0.1:5090', '192.0.2.5')
  const script = changed('sofia status profile drachtio_mrf', /Ext-RTP-IP.*\n/, '')
  const more = { RTP_HOST: '192.0.2.1', SIP_LISTEN: 'udp:192.0.2.1:5060' }
  const text = await seen(t, script, more, file)
  t.match(text, /fail {2}freeswitch: carriers are told to send their audio to its loopback/)
  t.match(text, /→ Set FREESWITCH_MEDIA_IP of FreeSWITCH/)
})

const PROGRAM = 'freeswitch'
const isThere = spawnSync(PROGRAM, ['-version']).error === undefined
const options = isThere ? {} : { skip: `no FreeSWITCH: no program "${PROGRAM}" on the PATH` }

t.test('a real FreeSWITCH with the files of freeswitch/', options, async (t) => {
  const folder = temporaryFolder(t, 'freeswitch')
  const places = [
    'log',
    'db',
    'run',
    'certs',
    'storage',
    'recordings',
    'cache',
    'scripts',
    'sounds',
  ]
  const port = await freeTcpPort()
  const flags = ['-nf', '-nc', '-nonat', '-nonatmap', '-conf', join(ROOT, 'freeswitch')]
  const own = places.flatMap((place) => [`-${place}`, join(folder, place)])
  startProgram(t, [PROGRAM, ...flags, ...own, '-temp', folder], {
    env: {
      PATH: process.env['PATH'] ?? '',
      FREESWITCH_SECRET: SECRET,
      FREESWITCH_PORT: String(port),
      FREESWITCH_SIP_PORT: String(await freeTcpPort()),
    },
  })
  const look = (more: Readonly<Record<string, string>> = {}) =>
    freeswitch.run(patient(settings(port, more), () => ANCHORED))
  await eventually('FreeSWITCH', 20_000, async () => {
    const findings = await look()
    return findings.every(({ verdict }) => verdict === 'ok') && findings.length === 4
  })
  const text = textOf(await look())
  t.match(text, /^ok {4}freeswitch: FreeSWITCH 1\.\d+\.\d+ takes us, and is ready$/m)
  t.match(text, /^ok {4}freeswitch: it speaks what the anchored trunks want: opus, G722, PCMA$/m)
  t.match(textOf(await look({ FREESWITCH_SECRET: 'wrong' })), /it refuses our secret/)
  t.match(textOf(await look({ RTP_PORT_MIN: '19000' })), /its RTP ports .* are ours too/)
})
