// The console's script in a page of stand-in elements, against the real API: what it offers of a recording.
import { readFile } from 'node:fs/promises'
import { runInNewContext } from 'node:vm'
import t from 'tap'
import type { CallId } from '../../core/contracts/index.ts'
import { aFile } from '../contract/media-store.ts'
import { buildApp, eventually, type BuiltApp } from '../support/build-app.ts'

const SCRIPT = new URL('../../control-api/console/console.js', import.meta.url)
const KEY = 'k'.repeat(40)
const HEADERS = { authorization: `Bearer ${KEY}` }

class StandIn {
  hidden = false
  textContent = ''
  href = ''
  readonly dataset: Record<string, string> = {}
  rows: StandIn[] = []
  readonly listeners = new Map<string, (event: object) => unknown>()

  get children(): StandIn[] {
    return this.rows
  }
  append(...rows: StandIn[]): void {
    this.rows.push(...rows)
  }
  replaceChildren(...rows: StandIn[]): void {
    this.rows = rows
  }
  value = ''
  className = ''
  setAttribute(): void {
    return
  }
  focus(): void {
    return
  }
  addEventListener(type: string, listener: (event: object) => unknown): void {
    this.listeners.set(type, listener)
  }
  click(): void {
    void this.listeners.get('click')?.({ preventDefault: () => undefined })
  }
}

/** A page of its own, with its cookies; signed in with the key, unless that is null. */
async function openConsole(app: BuiltApp, key: string | null = KEY) {
  const jar = { cookie: '' }
  /** As a browser asks: with the cookie, and saying whose page it is. */
  const browse = async (path: string, init: RequestInit = {}): Promise<Response> => {
    const headers = new Headers(init.headers)
    headers.set('origin', app.url)
    if (jar.cookie !== '') headers.set('cookie', jar.cookie)
    const response = await app.request(path, { ...init, headers })
    for (const set of response.headers.getSetCookie()) jar.cookie = set.split(';', 1)[0] ?? ''
    return response
  }
  const elements = new Map<string, StandIn>()
  const ticks: (() => void)[] = []
  const find = (id: string): StandIn => {
    const element = elements.get(id) ?? new StandIn()
    elements.set(id, element)
    return element
  }
  // As index.html has them.
  find('key-section').hidden = true
  find('try-section').hidden = true
  const context = {
    document: {
      getElementById: find,
      createElement: () => new StandIn(),
      querySelector: () => null,
      addEventListener: () => undefined,
      activeElement: null,
      hidden: false,
    },
    fetch: browse,
    setInterval: (refresh: () => void) => ticks.push(refresh),
    setTimeout: () => 0,
    AbortSignal,
  }
  runInNewContext(await readFile(SCRIPT, 'utf8'), context)
  const signIn = async (typed: string): Promise<void> => {
    find('key').value = typed
    await find('key-form').listeners.get('submit')?.({ preventDefault: () => undefined })
  }
  await eventually('it asks for a key', () => Promise.resolve(!find('key-section').hidden))
  if (key !== null) await signIn(key)
  const select = async (callId: CallId): Promise<void> => {
    const named = (): StandIn | undefined =>
      find('calls-rows')
        .rows.flatMap(({ rows }) => rows)
        .flatMap(({ rows }) => rows)
        .find(({ dataset }) => dataset['focus'] === `open ${callId}`)
    await eventually('its row', () => Promise.resolve(named() !== undefined))
    named()?.click()
    const told = (): boolean => find('timeline-state').textContent.startsWith(callId)
    await eventually('its timeline', () => Promise.resolve(told()))
  }
  const search = async (typed: string): Promise<void> => {
    find('search').value = typed
    await find('search-form').listeners.get('submit')?.({ preventDefault: () => undefined })
  }
  return { find, select, search, ticks, browse, signIn, jar }
}

t.test('a recording is offered where there is one, and fetched in the session', async (t) => {
  const app = await buildApp(t, {
    config: { requireKey: true, apiKey: KEY },
    headers: { authorization: `Bearer ${KEY}` },
  })
  const { callId } = await app.control.begin()
  const silent = await app.control.begin()
  const content = Buffer.from('the sound of it')
  const key = `recordings/${callId}.wav`
  const stored = await app.api.mediaStore.putFile(key, await aFile(t, content), 'audio/wav')
  app.emit('recording.stored', callId, { ...stored, durationMs: 1 })
  await app.recorded(callId, 1)
  const { find, select, browse } = await openConsole(app)
  await select(silent.callId)
  t.equal(find('recording-link').hidden, true, 'there is none')
  await select(callId)
  t.equal(find('recording-link').hidden, false)
  const sound = await browse(find('recording-link').href)
  t.equal(await sound.text(), content.toString())
  const bundle = await browse(find('debug-link').href)
  t.match(await bundle.json(), { made_at: String })
  t.match(find('call-in-hint').textContent, 'PCMU or PCMA')
})

t.test('the transcript shows what was heard, and the list what is searched for', async (t) => {
  const app = await buildApp(t, { config: { requireKey: true, apiKey: KEY }, headers: HEADERS })
  const { callId } = await app.control.begin()
  const other = await app.control.begin({ from: '+4930999888' })
  const text = 'We are open from nine to six.'
  app.emit('agent.response', callId, { text, eventId: 1 })
  const cut = { eventId: 1, heardMs: 600, spokenMs: 2000, interrupted: true, text: 'We are open' }
  app.emit('agent.heard', callId, cut)
  app.emit('agent.user_transcript', callId, { text: 'Thanks', eventId: 2 })
  const termination = { result: 'success', reason: 'hangup', by: 'callee', sipStatus: 200 } as const
  app.emit('call.ended', callId, { termination })
  await app.recorded(callId, 4)
  const { find, select, search } = await openConsole(app)
  await select(other.callId)
  t.equal(find('transcript').hidden, true)
  await select(callId)
  t.equal(find('transcript').hidden, false)
  const [cutOff, thanks] = find('transcript-rows').rows.map(({ rows }) => rows.slice(1))
  t.match(cutOff, [
    { textContent: 'agent' },
    {
      rows: [
        { textContent: 'We are open' },
        { textContent: ' from nine to six.' },
        { textContent: ' cut off: 0.6 s of 2.0 s heard', className: 'aside' },
      ],
    },
  ])
  t.match(thanks, [{ textContent: 'caller' }, { rows: [{ textContent: 'Thanks' }] }])

  const shown = () =>
    find('calls-rows')
      .rows.map(({ rows }) => rows[0]?.rows[0]?.dataset['focus']?.slice(5))
      .join()
  for (const [typed, calls] of [
    ['999-888', other.callId],
    ['thanks OPEN', callId],
    ['six', ''],
    ['', `${other.callId},${callId}`],
  ] as const) {
    await search(typed)
    t.equal(shown(), calls, typed)
  }
})

t.test('a search that is refused says why, once, and shows nothing else', async (t) => {
  const app = await buildApp(t, { config: { requireKey: true, apiKey: KEY }, headers: HEADERS })
  const { callId } = await app.control.begin()
  const asked: string[] = []
  const { find, search, select, ticks } = await openConsole({
    ...app,
    request: (path, init) => {
      asked.push(path)
      return app.request(path, init)
    },
  })
  await select(callId)
  await search('86')
  t.match(find('calls-state').textContent, /its last three digits or more\.$/)
  t.equal(find('calls-table').hidden, true)
  asked.length = 0
  for (const tick of ticks) tick()
  const isTold = () => Promise.resolve(asked.includes(`/api/calls/${callId}/timeline`))
  await eventually('the timeline goes on', isTold)
  t.notOk(asked.includes('/api/calls/search'), 'not asked again')
  t.match(find('calls-state').textContent, /its last three digits or more\.$/)
  await search('')
  t.equal(find('calls-table').hidden, false)
})

t.test('without a session it asks for a key; a wrong one is told in a page’s words', async (t) => {
  const app = await buildApp(t, { config: { requireKey: true, apiKey: KEY } })
  const { find, search, signIn, jar } = await openConsole(app, null)
  await search('hello')
  t.equal(find('key-section').hidden, false)
  t.equal(find('calls-state').textContent, 'Enter the key to see calls.')
  t.equal(find('key-error').textContent, '')
  await signIn('w'.repeat(40))
  t.equal(find('key-error').textContent, 'This API key is not known.')
  t.equal(find('key').value, '', 'it does not stay in the page')
  await signIn(KEY)
  t.equal(find('key-section').hidden, true)
  t.equal(find('who-text').textContent, 'API_KEY (admin)')
  jar.cookie = 'voicegate_session=bootstrap.over'
  await search('')
  t.equal(find('key-error').textContent, 'The session is over: sign in again.')
})

t.test('signing out ends the session and empties the page', async (t) => {
  const app = await buildApp(t, { config: { requireKey: true, apiKey: KEY }, headers: HEADERS })
  const { callId } = await app.control.begin()
  const { find, select, jar, browse } = await openConsole(app)
  await select(callId)
  const { cookie } = jar
  await find('sign-out').listeners.get('click')?.({})
  t.equal(find('key-section').hidden, false)
  t.equal(find('who').hidden, true)
  t.equal(find('timeline-section').hidden, true)
  t.equal(find('calls-rows').rows.length, 0)
  jar.cookie = cookie
  t.equal((await browse('/api/calls')).status, 401)
})

t.test('words that turn the direction of writing turn nothing beside them', async (t) => {
  const css = await readFile(new URL('../../control-api/console/console.css', import.meta.url))
  t.match(css.toString(), /td\.words > \* \{[^}]*unicode-bidi: isolate/)
})
