// When a second attempt is made, how, and when never: the table of session-end.ts over real sockets.
import { setTimeout as sleepFor } from 'node:timers/promises'
import t from 'tap'
import { AUDIO, METADATA, startPlainVendor, type PlainVendorOptions } from './plain-vendor.ts'
import { eventually } from './support.ts'

const SOUND = new Uint8Array(160).fill(0x55)
type Stage = 'open' | 'metadata' | 'audio'

/** The first attempts come as far as `stage` and end with `end`; later ones work. */
const failing = (
  stage: Stage,
  end: (socket: Parameters<NonNullable<PlainVendorOptions['accepted']>>[0], raw: Raw) => void,
  attempts = Infinity,
): PlainVendorOptions => ({
  accepted(socket, attempt, raw) {
    const fails = attempt <= attempts
    if (!fails || stage !== 'open') socket.send(METADATA())
    if (!fails || stage === 'audio') socket.send(AUDIO(SOUND))
    if (fails) setTimeout(() => end(socket, raw), 20)
  },
})
type Raw = Parameters<NonNullable<PlainVendorOptions['accepted']>>[2]

t.test('each ending code, before and after the agent is heard', async (t) => {
  const rows: readonly (readonly [
    code: number,
    says: string,
    stage: Stage,
    reason: string,
    attempts: number,
  ])[] = [
    [1000, '', 'open', 'refused', 1],
    [1000, '', 'metadata', 'agent-ended', 1],
    [1000, '', 'audio', 'agent-ended', 1],
    [1005, '', 'metadata', 'agent-ended', 1],
    [1001, '', 'metadata', 'dropped', 2],
    [1002, 'LLM failed', 'open', 'refused', 2],
    [1002, 'LLM failed', 'metadata', 'dropped', 2],
    [1002, 'LLM failed', 'audio', 'dropped', 1],
    [1002, 'This request exceeds your quota limit', 'open', 'refused', 1],
    [1002, 'This request exceeds your quota limit', 'metadata', 'dropped', 1],
    [1008, 'Override for field x is not allowed by config.', 'open', 'refused', 1],
    [1008, 'Override for field x is not allowed by config.', 'metadata', 'refused', 1],
    [1008, 'x', 'audio', 'dropped', 1],
    [1011, '', 'open', 'refused', 2],
    [1011, '', 'metadata', 'dropped', 2],
    [1011, '', 'audio', 'dropped', 1],
    [1012, '', 'open', 'refused', 2],
    [1013, '', 'open', 'refused', 2],
    [3000, 'Request error', 'open', 'refused', 2],
    [3000, 'Request error', 'metadata', 'refused', 2],
    [3000, 'Request error', 'audio', 'dropped', 1],
    [3000, 'Could not authorize the conversation.', 'open', 'refused', 1],
    [3000, 'The AI agent you are trying to reach does not exist.', 'open', 'refused', 1],
    [4300, '', 'metadata', 'refused', 1],
    [4300, '', 'audio', 'refused', 1],
    [4001, '', 'metadata', 'dropped', 1],
  ]
  await Promise.all(
    rows.map(async ([code, says, stage, reason, attempts]) => {
      const name = `${code} ${says} after ${stage}`
      const { conversation, witness, upgrades, sockets } = await startPlainVendor(
        t,
        failing(stage, (socket) => (code === 1005 ? socket.close() : socket.close(code, says))),
      )
      conversation.open()
      await witness.until('onClosed')
      t.match(witness.of('onClosed'), [[{ reason, closeCode: code }]], name)
      t.equal(witness.of('onClosed').length, 1)
      t.equal(upgrades.length, attempts, `${name}: attempts`)
      t.equal(witness.of('onAttemptFailed').length, attempts - 1, `${name}: told`)
      t.strictSame(
        witness.of('onAttempted').map(([attempt]) => attempt),
        [1, 2].slice(0, attempts),
        name,
      )
      t.ok(
        sockets.every(({ readyState }) => readyState >= 2),
        `${name}: no socket stays open`,
      )
    }),
  )
})

t.test('an upgrade refused by HTTP: 5xx and 429 a second time, others never', async (t) => {
  const rows = [
    { status: 500, attempts: 2, afterMs: 250 },
    { status: 503, attempts: 2, afterMs: 250 },
    { status: 429, attempts: 2, afterMs: 1000 },
    { status: 400, attempts: 1, afterMs: 0 },
    { status: 401, attempts: 1, afterMs: 0 },
    { status: 403, attempts: 1, afterMs: 0 },
    { status: 404, attempts: 1, afterMs: 0 },
    { status: 302, attempts: 1, afterMs: 0 },
  ]
  await Promise.all(
    rows.map(async ({ status, attempts, afterMs }) => {
      const { conversation, witness, upgrades } = await startPlainVendor(t, {
        status: () => status,
      })
      conversation.open()
      await witness.until('onClosed', 5000)
      const detail = RegExp(`HTTP ${status}`)
      t.match(witness.of('onClosed'), [[{ reason: 'refused', closeCode: null, detail }]])
      t.equal(upgrades.length, attempts, `${status}`)
      const [first, second] = upgrades
      if (second === undefined) return
      const pauseMs = second.at - first!.at
      t.ok(pauseMs > afterMs - 5 && pauseMs < afterMs + 400, `${status}`, { pauseMs })
    }),
  )
})

t.test('the second attempt works: told in order, and nothing of the first is left', async (t) => {
  const ways: Record<string, PlainVendorOptions> = {
    'a server fault': failing('open', (socket) => socket.close(1011), 1),
    'after the metadata': failing('metadata', (socket) => socket.close(1002, 'x'), 1),
    'a reset': failing('metadata', (_, raw) => raw.resetAndDestroy(), 1),
    'a lost connection': failing('open', (_, raw) => raw.destroy(), 1),
    'a refused upgrade': {
      ...failing('open', () => undefined, 0),
      status: (attempt) => (attempt === 1 ? 503 : undefined),
    },
  }
  for (const [name, options] of Object.entries(ways)) {
    const { conversation, witness, upgrades, signedUrls } = await startPlainVendor(t, {
      ...options,
      withKey: true,
    })
    conversation.open()
    await witness.until('onAudio')
    const names = witness.names().filter((one) => one !== 'onOpened' && one !== 'onMetadata')
    t.strictSame(names, ['onAttempted', 'onAttemptFailed', 'onAttempted', 'onAudio'], name)
    const [failed] = witness.of('onAttemptFailed')[0]!
    t.equal(failed.attempt, 1)
    t.ok(failed.seconds >= 0 && failed.seconds < 1, name, failed)
    t.equal(signedUrls.length, 2, `${name}: a new signed URL`)
    t.strictSame(
      upgrades.map(({ openConnections }) => openConnections),
      [1, 1],
      `${name}: two sockets are never open at once`,
    )
    t.ok(upgrades[1]!.at - upgrades[0]!.at < 1000, `${name}: quick`)
    await sleepFor(50)
    t.equal(witness.of('onClosed').length, 0, `${name}: and it goes on`)
  }
})

t.test('a second one that fails is the end', async (t) => {
  const { conversation, witness, upgrades } = await startPlainVendor(t, {
    status: (attempt) => [503, 401, 503][attempt - 1],
  })
  conversation.open()
  await witness.until('onClosed')
  t.match(witness.of('onClosed'), [[{ reason: 'refused', detail: /HTTP 401/ }]])
  await sleepFor(400)
  t.equal(upgrades.length, 2)
})

t.test('a second one that cannot even be prepared is the end, without an attempt', async (t) => {
  const { conversation, witness } = await startPlainVendor(t, {
    status: () => 503,
    withKey: true,
    signedUrl: [200, 401, 401],
  })
  conversation.open()
  await witness.until('onClosed')
  t.strictSame(witness.names(), ['onAttempted', 'onAttemptFailed', 'onClosed'])
  t.match(witness.of('onClosed'), [[{ reason: 'refused', detail: /signed URL.*401/ }]])
})

t.test('late failures are not tried again', async (t) => {
  const { conversation, witness, upgrades } = await startPlainVendor(t, {
    ...failing('metadata', (socket) => setTimeout(() => socket.close(1011), 150)),
    timing: { retryWithinMs: 100 },
  })
  conversation.open()
  await witness.until('onClosed')
  t.equal(upgrades.length, 1)
  t.match(witness.of('onClosed'), [[{ reason: 'dropped', closeCode: 1011 }]])
})

t.test('what comes too late is never tried again: the caller has waited', async (t) => {
  const mute: PlainVendorOptions[] = [
    { timing: { metadataMs: 60 }, accepted: () => undefined },
    {
      timing: { silenceMs: 50, pingAnswerMs: 50 },
      accepted: (socket, _, raw) => {
        socket.send(METADATA())
        setTimeout(() => raw.pause(), 20)
      },
    },
  ]
  for (const options of mute) {
    const { conversation, witness, upgrades } = await startPlainVendor(t, options)
    conversation.open()
    await witness.until('onClosed')
    t.equal(upgrades.length, 1)
  }
})

t.test('close() stops everything, whenever it comes', async (t) => {
  for (const what of ['onAttempted', 'onAttemptFailed'] as const) {
    const { conversation, witness, upgrades } = await startPlainVendor(t, { status: () => 503 })
    witness.reactTo(what, () => conversation.close())
    conversation.open()
    await witness.until('onClosed')
    await sleepFor(400)
    t.match(witness.of('onClosed'), [[{ reason: 'closed-by-us', closeCode: null }]], what)
    t.equal(upgrades.length, what === 'onAttempted' ? 0 : 1, what)
    t.equal(witness.told.at(-1)?.what, 'onClosed')
    t.equal(witness.of('onClosed').length, 1)
  }
  const pausing = await startPlainVendor(t, { status: () => 503 })
  pausing.conversation.open()
  await pausing.witness.until('onAttemptFailed')
  await sleepFor(100)
  pausing.conversation.close()
  await sleepFor(400)
  t.equal(pausing.upgrades.length, 1, 'in the pause')
  t.match(pausing.witness.of('onClosed'), [[{ reason: 'closed-by-us' }]])
  t.equal(pausing.witness.of('onClosed').length, 1, 'once')
})

t.test('nothing is told by a conversation closed from the metadata', async (t) => {
  const { conversation, witness } = await startPlainVendor(
    t,
    failing('metadata', () => undefined, 0),
  )
  witness.reactTo('onMetadata', () => conversation.close())
  conversation.open()
  await witness.until('onClosed')
  await sleepFor(50)
  t.equal(witness.told.at(-1)?.what, 'onClosed')
  t.match(witness.of('onClosed'), [[{ reason: 'closed-by-us', closeCode: 1000 }]])
})

t.test('the second agent hears what the caller has said so far, from its first word', async (t) => {
  const { conversation, witness, sockets, received } = await startPlainVendor(
    t,
    failing('metadata', (socket) => setTimeout(() => socket.close(1011), 80), 1),
  )
  conversation.open()
  let said = 0
  const speaking = setInterval(() => {
    conversation.sendCallerAudio(new Uint8Array(160).fill((said += 1)), 'PCMU')
  }, 10)
  t.teardown(() => clearInterval(speaking))
  await witness.until('onAudio')
  const before = received.length
  t.ok(before > 2, 'the first one heard some of it')
  await eventually('the second hears the newest', () => {
    const chunks = received.flatMap((message) => {
      const chunk = message['user_audio_chunk']
      return typeof chunk === 'string' ? [Buffer.from(chunk, 'base64')] : []
    })
    const all = Buffer.concat(chunks)
    return all.lastIndexOf(1) > 0 && sockets.length === 2 && all.at(-1)! > 10
  })
  clearInterval(speaking)
  const inits = received.flatMap((message, at) => ('type' in message ? [at] : []))
  t.equal(inits.length, 2)
  const second = Buffer.concat(
    received
      .slice(inits[1]! + 1)
      .map((message) => Buffer.from(message['user_audio_chunk'] as string, 'base64')),
  )
  const frames = Array.from({ length: second.length / 160 }, (_, at) => second[at * 160])
  t.strictSame(
    frames,
    frames.map((_, at) => at + 1),
    'every frame once, in order',
  )
})

t.test(
  'a signed URL: after 429 it is asked for again in a second, after 5xx at once',
  async (t) => {
    for (const { status, pauseMs } of [
      { status: 429, pauseMs: 1000 },
      { status: 503, pauseMs: 250 },
    ]) {
      const { conversation, witness, signedUrls } = await startPlainVendor(t, {
        ...failing('open', () => undefined, 0),
        withKey: true,
        signedUrl: [status],
      })
      conversation.open()
      await witness.until('onAudio')
      t.equal(signedUrls.length, 2)
      const waitedMs = signedUrls[1]! - signedUrls[0]!
      t.ok(waitedMs > pauseMs - 5 && waitedMs < pauseMs + 300, `${status}`, { waitedMs })
      t.strictSame(witness.of('onAttempted'), [[1]], 'no attempt was spent on it')
    }
  },
)
