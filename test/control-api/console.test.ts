// The console's script in a page of stand-in elements, against the real API: what it offers of a recording.
import { readFile } from 'node:fs/promises'
import { runInNewContext } from 'node:vm'
import t from 'tap'
import type { CallId } from '../../core/contracts/index.ts'
import { aFile } from '../contract/media-store.ts'
import { buildApp, eventually, type BuiltApp } from '../support/build-app.ts'

const SCRIPT = new URL('../../control-api/console/console.js', import.meta.url)
const KEY = 'k'.repeat(40)

class StandIn {
  hidden = false
  textContent = ''
  href = ''
  download = ''
  readonly dataset: Record<string, string> = {}
  rows: StandIn[] = []
  readonly listeners = new Map<string, (event: object) => unknown>()
  readonly clicked: () => void

  constructor(clicked: (element: StandIn) => void = () => undefined) {
    this.clicked = () => {
      clicked(this)
    }
  }

  get children(): StandIn[] {
    return this.rows
  }
  append(...rows: StandIn[]): void {
    this.rows.push(...rows)
  }
  replaceChildren(...rows: StandIn[]): void {
    this.rows = rows
  }
  getAttribute(): string {
    return this.href
  }
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
    this.clicked()
    void this.listeners.get('click')?.({ preventDefault: () => undefined })
  }
}

async function openConsole(app: BuiltApp) {
  const elements = new Map<string, StandIn>()
  const saved: string[] = []
  const files: Blob[] = []
  const find = (id: string): StandIn => {
    const element = elements.get(id) ?? new StandIn()
    elements.set(id, element)
    return element
  }
  // As index.html has them.
  find('key-section').hidden = true
  find('try-section').hidden = true
  const made = (): StandIn =>
    new StandIn(({ download }) => download !== '' && void saved.push(download))
  const context = {
    document: {
      getElementById: find,
      createElement: made,
      querySelector: () => null,
      addEventListener: () => undefined,
      activeElement: null,
      hidden: false,
    },
    sessionStorage: { getItem: () => KEY },
    fetch: (path: string, init: RequestInit) => app.request(path, init),
    URL: { createObjectURL: (file: Blob) => `blob:${files.push(file)}`, revokeObjectURL: () => 0 },
    setInterval: () => 0,
    setTimeout: () => 0,
    AbortSignal,
    Blob,
  }
  runInNewContext(await readFile(SCRIPT, 'utf8'), context)
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
  return { find, select, saved, files }
}

t.test('a recording is offered where there is one, and fetched with the key', async (t) => {
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
  const { find, select, saved, files } = await openConsole(app)
  await select(silent.callId)
  t.equal(find('recording-link').hidden, true, 'there is none')
  await select(callId)
  t.equal(find('recording-link').hidden, false)
  find('recording-link').click()
  find('debug-link').click()
  await eventually('both files', () => Promise.resolve(saved.length === 2))
  t.same(saved.toSorted(), [`${callId}.json`, `${callId}.wav`])
  const texts = await Promise.all(files.map((file) => file.text()))
  t.ok(texts.includes(content.toString()))
  t.ok(texts.some((text) => text.includes('made_at')))
  t.match(find('call-in-hint').textContent, 'PCMU or PCMA')
})
