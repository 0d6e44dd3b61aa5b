// Nothing that was planted comes out where it has no business: numbers, secrets, words of a conversation, keys that
// were pressed. Looked for in what the programs print and log, in metrics, error answers, open pages, in the addresses
// asked of vendors, in names of files, threads and processes. docs/security.md says where personal data may be.
import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as sleep } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { startCarrier } from '../../simulators/carrier/index.ts'
import type { AgentScript, ElevenLabsSimulator } from '../../simulators/elevenlabs/index.ts'
import { newCallId, requestText, SDP, SipPeer } from '../gateway/embedded/sip-peer.ts'
import { startChild, type ChildProduct } from '../support/child-product.ts'
import { NUMBERS, planted, SECRETS, WORDS } from '../support/planted.ts'
import { DEFAULT_AGENT, plantedInOutput, plantSurroundings } from '../support/planted-product.ts'
import { eventually, temporaryFolder } from '../support/process.ts'
import { misuseTheApi, openPages } from '../support/planted-requests.ts'

/** Said by the vendor: text of the conversation, and messages that cannot be read. */
const TALK: AgentScript = {
  says: [
    {
      type: 'user_transcript',
      user_transcription_event: {
        user_transcript: `${WORDS.callerSaid} ${NUMBERS.saidByAgent}`,
        event_id: 1,
      },
    },
    {
      type: 'agent_response',
      agent_response_event: { agent_response: `${WORDS.agentSaid} ${NUMBERS.caller}`, event_id: 2 },
    },
    { type: 'user_transcript', user_transcription_event: NUMBERS.saidByAgent },
    { type: `for_${NUMBERS.saidByAgent.slice(1)}`, text: WORDS.agentSaid },
    {
      type: 'error',
      error_event: { error_type: NUMBERS.saidByAgent, code: 1, message: WORDS.agentSaid },
    },
  ].map((message, at) => ({ afterMs: 100 + 20 * at, message })),
  tools: [1, 2, 3].map((at) => ({
    name: `call_${NUMBERS.inTool}`,
    parameters: { number: NUMBERS.inTool, wish: WORDS.toolParameter },
    afterMs: 200 * at,
  })),
}

/** Each of its calls fails in its own way. */
const FAILING: Readonly<Record<string, AgentScript>> = {
  agent_401: { signedUrlFailures: [401, 401] },
  agent_404: { signedUrlFailures: [404, 404] },
  agent_429: { signedUrlFailures: [429, 429] },
  agent_refused: { refuse: { how: 'http', status: 403 } },
  agent_1008: {
    refuse: {
      how: 'close',
      code: 1008,
      reason: `not ${NUMBERS.saidByAgent}, key ${SECRETS.vendorKey}`,
      afterMetadata: true,
    },
  },
  agent_dropped: { dropAfterMs: 300 },
}

const PERSONAL = {
  first_message: WORDS.firstMessage,
  dynamic_variables: { secret: WORDS.variable, number: NUMBERS.inTool },
  metadata: { file: WORDS.metadata, number: NUMBERS.inTool },
}

t.test('a working day, a full disk, a broken database, a crash, a defect', async (t) => {
  const around = await plantSurroundings(t)
  around.agent.script(DEFAULT_AGENT, TALK)
  for (const [id, script] of Object.entries(FAILING)) around.agent.script(id, script)
  const carrier = await startCarrier()
  t.teardown(() => carrier.close())
  carrier.script('*', [
    { ring: 50 },
    { answer: true },
    { pressInfo: WORDS.keys.charAt(0) },
    { press: WORDS.keys.slice(1) },
    { untilHangUp: 10_000 },
  ])
  const dataDir = temporaryFolder(t, 'data')
  const env = { ...around.env, EXOLVE_SIP_DOMAIN: `127.0.0.1:${carrier.address.port}` }
  const first = await startChild(t, { dataDir, env })
  const [answers] = await Promise.all([
    misuseTheApi(first.view.apiUrl),
    callOut(first, () => toldOfKeys(around.agent)),
    callIn(t, first),
  ])
  t.same(answers.leaks, [], 'error answers')
  t.ok(answers.refused >= 20, `${answers.refused} refusals`)
  t.same(await openPages(first.view), [], 'open pages')
  t.same(await inCursors(first), [], 'cursors')
  t.same(ofProcess(first.program.pid), [], 'the process and its threads')
  t.same(await withoutADisk(first, dataDir), [], 'answers of a broken database')
  await first.view.place(NUMBERS.dialled)
  await first.kill()
  t.same(plantedInOutput('first', first.program), [])

  rmSync(join(dataDir, 'spool'))
  const second = await startChild(t, { dataDir, env })
  await second.view.place(NUMBERS.dialled)
  second.program.signal('SIGUSR2')
  t.equal((await second.program.ended).code, 1, 'a defect ends it')
  t.match(second.program.stdout, /"a defect: stopping/)
  t.same(plantedInOutput('second', second.program), [])

  t.same(inFiles(dataDir), [], 'what is kept')
  t.ok(toldOfKeys(around.agent), 'the agent was told of the keys')
  const asked = around.proxies.flatMap((proxy) => proxy.heads())
  t.ok(asked.length > 15, `${asked.length} requests of ours`)
  t.same(asked.flatMap(inRequest), [], 'what vendors are asked')
})

/** One call that goes well, and one for each way of an agent to fail. */
async function callOut({ view }: ChildProduct, isTold: () => boolean): Promise<void> {
  const talk = await view.place(NUMBERS.dialled, PERSONAL)
  const failing = await Promise.all(
    Object.keys(FAILING).map((agent) =>
      view.place(NUMBERS.dialled, { ...PERSONAL, agent_id: agent }),
    ),
  )
  await Promise.all(failing.map((callId) => view.ended(callId)))
  await eventually('the agent is told of the keys', 8000, isTold)
  await view.hangUp(talk)
  await view.ended(talk)
}

const toldOfKeys = ({ sessions }: ElevenLabsSimulator): boolean =>
  sessions.some(({ otherMessages }) => JSON.stringify(otherMessages).includes(WORDS.keys))

/** A caller with a name and odd headers, then messages that are no good. */
async function callIn(t: Test, product: ChildProduct): Promise<void> {
  const peer = await SipPeer.open(t)
  const [host = '', port] = product.sipTarget.split(':')
  const to = { host, port: Number(port) }
  const target = `sip:${NUMBERS.called}@${product.sipTarget}`
  const callId = newCallId()
  const request = (method: string, seq: number, toTag?: string): string =>
    requestText({
      method,
      target,
      peer,
      callId,
      seq,
      toTag,
      headers: ODD_HEADERS,
      body: method === 'INVITE' ? SDP : '',
    }).replace(/^From: <sip:caller@/m, `From: "${WORDS.displayName}" <sip:${NUMBERS.caller}@`)
  peer.send(request('INVITE', 1), to)
  const answered = await peer.wait('200 INVITE')
  const toTag = /tag=(.*)/.exec(answered.headers.get('To') ?? '')?.[1]
  peer.send(request('ACK', 1, toTag), to)
  for (const bad of garbled(request('INVITE', 1))) peer.send(bad, to)
  for (const method of ['MESSAGE', 'REGISTER', 'SUBSCRIBE'])
    peer.send(requestText({ method, target, peer, headers: ODD_HEADERS }), to)
  await peer.wait('405 SUBSCRIBE')
  peer.send(request('BYE', 2, toTag), to)
  await peer.wait('200 BYE')
}

const ODD_HEADERS = [
  `P-Asserted-Identity: "${WORDS.displayName}" <sip:${NUMBERS.asserted}@127.0.0.1>, <tel:${NUMBERS.asserted}>`,
  `Remote-Party-ID: <sip:${NUMBERS.asserted}@127.0.0.1>;party=calling`,
  `Diversion: <tel:${NUMBERS.asserted}>;reason=unconditional`,
  `Subject: ${WORDS.displayName}`,
  `Refer-To: <sip:${NUMBERS.asserted}@127.0.0.1>`,
]

/** Each broken elsewhere, and each with a number; some pass our own server and trip the library behind it. */
function garbled(invite: string): string[] {
  const number = NUMBERS.garbled
  const other = (): string => invite.replace(/^Call-ID: .*$/m, `Call-ID: ${newCallId()}`)
  return [
    `INVITE sip:${number}`,
    `INVITE sip:${number}@127.0.0.1 SIP/2.0\r\nVia: ${number}\r\n\r\n`,
    other().replace(/^Via: .*$/m, `Via: SIP/2.0/UDP ${number}`),
    other().replace(/^From: .*$/m, `From: "unended <sip:${number}@127.0.0.1>;tag=1`),
    other().replace(/^From: .*$/m, `From: Ärger (${number}) <sip:${number}@127.0.0.1>;tag=1`),
    other().replace(/^Contact: .*$/m, `Contact: <sip:${number}@[::zz]>`),
    other().replace(/^CSeq: .*$/m, `CSeq: ${number} INVITE`),
    other().replace(/^Content-Length: .*$/m, `Content-Length: ${number}`),
    other().replace(/^Subject: .*$/m, `Sub ject: ${number}`),
    other().replace(/^INVITE \S+/, `INVITE sip:${number}\u00a0x@127.0.0.1`),
    other().replace('m=audio', `m=${number}`),
    other().replace('RTP/AVP 0', `RTP/AVP ${number}`),
    `SIP/2.0 200 ${number}\r\nVia: SIP/2.0/UDP ${number}\r\n\r\n`,
  ]
}

/** They stand in addresses, and are passed on. */
async function inCursors({ view }: ChildProduct): Promise<string[]> {
  const search = JSON.stringify({ number: NUMBERS.dialled, limit: 1 })
  const found = await view.request('/api/calls/search', { method: 'POST', body: search })
  const listed = await view.request('/api/calls?limit=1')
  const pages = await Promise.all(
    [found, listed].map(async (page) => (await page.json()) as { next_cursor?: string }),
  )
  return pages.flatMap(({ next_cursor: cursor = '' }) => [
    ...planted('a cursor', cursor),
    ...cursor
      .split('.')
      .flatMap((part) => planted('a cursor', Buffer.from(part, 'base64url').toString('latin1'))),
  ])
}

/** Recordings that cannot be written, records that the database refuses with words of its own. */
async function withoutADisk({ view }: ChildProduct, dataDir: string): Promise<string[]> {
  rmSync(join(dataDir, 'spool'), { recursive: true })
  writeFileSync(join(dataDir, 'spool'), '')
  const unrecorded = await view.place(NUMBERS.dialled)
  await sleep(300)
  await view.hangUp(unrecorded)
  await view.ended(unrecorded)
  const database = new DatabaseSync(join(dataDir, 'voicegate.sqlite'), { timeout: 5000 })
  database.exec(`CREATE TRIGGER planted BEFORE INSERT ON calls
    BEGIN SELECT RAISE(ABORT, 'no room for ${NUMBERS.inDatabase}'); END`)
  const { status, body } = await view.start({ phone_number: NUMBERS.dialled, ...PERSONAL })
  database.exec('DROP TRIGGER planted')
  database.close()
  return [
    ...(status >= 500 ? [] : [`the call was taken: ${status}`]),
    ...planted('POST', JSON.stringify(body)),
  ]
}

/** Command line, names of threads, children. */
function ofProcess(pid: number): string[] {
  const folder = `/proc/${pid}`
  const tasks = readdirSync(`${folder}/task`)
  const read = (path: string): string => readFileSync(path, 'utf8')
  return [
    ...planted('arguments', read(`${folder}/cmdline`)),
    ...tasks.flatMap((task) => planted('a thread', read(`${folder}/task/${task}/comm`))),
    ...tasks.flatMap((task) =>
      read(`${folder}/task/${task}/children`) === '' ? [] : ['a child process'],
    ),
  ]
}

/** No secret and no key pressed in any file, no number in its name. */
function inFiles(folder: string): string[] {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  const files = names.filter((name) => statSync(join(folder, name)).isFile())
  return files.flatMap((name) => {
    const text = readFileSync(join(folder, name), 'latin1')
    return [
      ...planted('the name of a file', name),
      ...planted(name, text, ['secrets']),
      ...(text.includes(WORDS.keys) ? [`${name}: keys`] : []),
    ]
  })
}

/** The vendor's own key and one-time address go to the vendor, the key never in an address. */
function inRequest(head: string): string[] {
  const [line = ''] = head.split('\r\n', 1)
  const rest = head.replace(line, '').replace(/^xi-api-key: .*$/im, '')
  const own = line.replace(/conversation_signature=cvtkn_[\w-]+/, '')
  return [...planted(line, own), ...planted('headers', rest)]
}
