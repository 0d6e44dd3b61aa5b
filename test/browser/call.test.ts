// The page of one call, walked as people of each role walk it: ended calls of every kind, and one that goes on.
import { readFile } from 'node:fs/promises'
import t, { type Test } from 'tap'
import type { Page } from 'playwright-core'
import { axe } from '../support/browser/axe.ts'
import { isSound } from '../support/browser/is-sound.ts'
import { needsBrowser, openBrowser } from '../support/browser/open-browser.ts'
import {
  openConsole,
  type ConsoleOptions,
  type ConsoleTab,
} from '../support/browser/open-console.ts'
import { openSeededSystem, type SeededSystem } from '../support/browser/seeded-system.ts'

type Role = 'viewer' | 'operator' | 'admin'

/** A call goes at its own pace: waits are long, and end at once when it is there. */
const LIVE_MS = 20_000
const BUSY_NUMBER = '+493023125922'

type Tabs = Readonly<Record<Role, ConsoleTab>>

const heading = (page: Page, name: string | RegExp) => page.getByRole('heading', { name })
const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true })
/** Of the dialog that asks. */
const confirm = (page: Page, name: string) =>
  page.getByRole('dialog').getByRole('button', { name, exact: true })
const turns = (page: Page) => page.getByRole('region', { name: 'Transcript' }).getByRole('listitem')

async function downloaded(page: Page, click: () => Promise<void>): Promise<[string, Buffer]> {
  const [download] = await Promise.all([page.waitForEvent('download'), click()])
  return [download.suggestedFilename(), await readFile(await download.path())]
}

t.setTimeout(110_000)
t.test('the page of one call', needsBrowser(), async (t) => {
  const folder = process.env['VOICEGATE_CONSOLE']
  const system = await openSeededSystem(t, {
    signIn: true,
    calls: 20,
    ...(folder === undefined ? {} : { console: folder }),
  })
  const { calls, keys } = system
  const browser = await openBrowser(t)
  const at = (callId: string): string => new URL(`/calls/${callId}`, system.url).href
  const open = (role: Role, callId: string, more: Partial<ConsoleOptions> = {}) =>
    openConsole(t, { browser, url: at(callId), key: keys[role], ...more })
  const [admin, operator, viewer] = await Promise.all([
    open('admin', calls.answered),
    open('operator', calls.inbound),
    open('viewer', calls.busy),
  ])
  const tabs: Tabs = { admin, operator, viewer }

  t.test('an answered call says it all, and its files arrive whole', async (t) => {
    const { page } = admin
    await heading(page, /^The callee hung up after [\d.]+ secs? of talk\.$/).waitFor()
    await page.getByText('As it should be.').waitFor()
    await page.getByText(/^The agent was opened \d+ ms after the 200 OK\.$/).waitFor()
    await page.getByText(/what an agent opened with the INVITE would have waited/).waitFor()
    await page.getByRole('cell', { name: /good/ }).first().waitFor()
    await page.getByText('The admin', { exact: true }).first().waitFor()
    await isSound(t, admin, 'call-answered')
    await filesArrive(t, page, system)
    await button(page, 'Show it').click()
    await page.getByText(/^Fetched|^The vendor is not done with it yet/).waitFor()
    await button(page, 'Hide it').click()
  })

  t.test('a line of the transcript leads to its place, by mouse and by key', async (t) => {
    const { page } = admin
    t.ok((await turns(page).count()) >= 2, 'both sides spoke')
    await turns(page).nth(1).click()
    await isBeingSaid(page, 1)
    const first = turns(page).first().getByRole('button')
    t.match(await first.getAttribute('aria-label'), /^Go to \d:\d\d$/)
    await first.press('Enter')
    await isBeingSaid(page, 0)
  })

  t.test('what was not heard is marked in words; a recording is deleted for good', async (t) => {
    const { page } = admin
    await admin.go(`/calls/${calls.keys}`)
    await page
      .getByText(/\[not heard: /)
      .first()
      .waitFor()
    await page
      .getByText(/^cut off, .+ of .+ were heard/)
      .first()
      .waitFor()
    await button(page, 'Delete the recording').click()
    t.ok(await confirm(page, 'Delete the recording').isDisabled(), 'not by a click alone')
    await page.getByLabel('Type delete to confirm').fill('delete')
    await confirm(page, 'Delete the recording').click()
    await page.getByText('There is no recording.').waitFor()
    t.equal((await system.api(`/api/calls/${calls.keys}/recording`)).status, 404)
  })

  t.test('a review is set and taken back, and its history stays', async (t) => {
    const { page } = operator
    await page.getByText('Nobody has reviewed this call.').waitFor()
    t.ok(await button(page, 'Save the review').isDisabled(), 'nothing to save')
    await page.getByLabel('Status').selectOption('problem')
    await page.getByLabel('Note').fill('The agent talked over the caller.')
    await button(page, 'Save the review').click()
    await page.getByText(/set to problem/).waitFor()
    const history = page.getByRole('listitem').filter({ hasText: 'set to problem' })
    await history.getByText('The agent talked over the caller.').waitFor()
    await page.getByLabel('Status').selectOption('')
    await button(page, 'Save the review').click()
    await page.getByText(/taken back/).waitFor()
    t.equal(await page.getByLabel('Note').inputValue(), '', 'ready for the next')
    await page.getByText('it came in').waitFor()
    await isSound(t, operator, 'call-inbound')
  })

  t.test('an unanswered call is as useful, and a viewer may look', async (t) => {
    const { page } = viewer
    await heading(page, /^The line was busy \(486 Busy Here\)/).waitFor()
    await page.getByText(/Busy lines get free: try again in a few minutes/).waitFor()
    await page.getByText(/^No agent was opened: nobody answered/).waitFor()
    await page.getByText('No words. Nobody answered, so nothing was said.').waitFor()
    const again = button(page, 'Call again')
    t.ok(await again.isDisabled(), 'a viewer rings nobody')
    t.equal(await again.getAttribute('title'), 'Needs a key with the role operator.')
    t.ok(await page.getByLabel('Status').isDisabled(), 'nor reviews')
    t.ok(await button(page, 'Debug bundle (JSON)').isDisabled(), 'nor takes the debug bundle')
    await isSound(t, viewer, 'call-busy')
    await viewer.go(`/calls/${calls.noAnswer}`)
    await heading(page, /^Nobody answered after [\d.]+ secs? of ringing/).waitFor()
    await viewer.go(`/calls/${calls.operator}`)
    await heading(page, /^Nobody answered .*\(480 Temporarily Unavailable\)\.$/).waitFor()
    await isSound(t, viewer, 'call-operator')
  })

  t.test('whoever was busy is called again, and a further attempt is called off', async (t) => {
    const { page } = operator
    await operator.go(`/calls/${calls.busy}`)
    await button(page, 'Call again').click()
    await page.getByRole('dialog').getByText(BUSY_NUMBER).waitFor()
    await confirm(page, 'Call again').click()
    await page.waitForURL((url) => !url.pathname.endsWith(calls.busy))
    await heading(page, /^The line was busy/).waitFor({ timeout: LIVE_MS })
    const retry = { attempts: 1, after_seconds: 600, on: ['busy'] }
    await operator.go(`/calls/${await placeCall(system, { phone_number: BUSY_NUMBER, retry })}`)
    const due = page.getByText(/^Attempt 2 will be dialled/)
    await due.waitFor({ timeout: LIVE_MS })
    await button(page, 'Dial no further attempt').click()
    await confirm(page, 'Dial no further attempt').click()
    await due.waitFor({ state: 'detached' })
    t.pass('no further attempt is due')
  })

  t.test('a live call: words as they are spoken, recording, transfer, the end', async (t) => {
    const callId = await system.control.secondCall()
    await Promise.all(Object.values(tabs).map((tab) => tab.go(`/calls/${callId}`)))
    const { page } = operator
    await turns(page).first().waitFor({ timeout: LIVE_MS })
    const before = await turns(page).count()
    await watchesOnly(t, viewer.page)
    await recordingAndTransfer(t, page)
    await turns(page).nth(before).waitFor({ timeout: LIVE_MS })
    t.pass('the transcript grew')
    await isSound(t, operator, 'call-live')
    await button(page, 'Hang up').click()
    await confirm(page, 'Cancel').click()
    await page.getByText('as it is spoken').waitFor()
    await button(page, 'Hang up').click()
    await confirm(page, 'Hang up').click()
    for (const tab of [operator, viewer])
      await heading(tab.page, /^Somebody at this console or the API hung up/).waitFor()
    t.equal(await button(page, 'Hang up').count(), 0, 'there is nothing left to end')
    t.ok((await turns(page).count()) > before, 'the words stay')
    await page.getByRole('link', { name: 'Recording (WAV)' }).waitFor()
  })

  t.test('loading, failing and no such call are said', async (t) => {
    const { page } = viewer
    viewer.expectErrors(404, 500)
    await viewer.go('/calls/call_0000')
    await page.getByText(/Recordings are kept for 90 days here/).waitFor()
    await isSound(t, viewer, 'call-unknown')
    let release = (): void => undefined
    const held = new Promise<void>((resolve) => (release = resolve))
    await page.route(`**/api/calls/${calls.busy}`, async (route) => {
      await held
      await route.continue()
    })
    await page.route('**/timeline', (route) =>
      route.fulfill({ status: 500, contentType: 'application/problem+json', body: '{}' }),
    )
    await page.goto(at(calls.busy))
    await page.getByRole('status', { name: 'Loading …' }).first().waitFor()
    release()
    await page.getByText('That did not work').waitFor()
    await page.unroute('**/timeline')
    await button(page, 'Try again').click()
    await page.getByText('That did not work').waitFor({ state: 'detached' })
    t.pass('it is there after another try')
  })

  t.test('narrow and dark, in Russian', async (t) => {
    const look = { width: 390, colorScheme: 'dark', locale: 'ru-RU' } as const
    const tab = await open('viewer', calls.inbound, look)
    await heading(tab.page, 'Расшифровка').waitFor()
    await isSound(t, tab, 'call-inbound-390-ru')
  })
})

async function placeCall(system: SeededSystem, asked: object): Promise<string> {
  const body = JSON.stringify(asked)
  const answer = await system.api('/api/calls/start', { method: 'POST', body })
  return ((await answer.json()) as { call_id: string }).call_id
}

const isBeingSaid = (page: Page, index: number): Promise<void> =>
  page.locator(`[data-scrolls] li:nth-child(${index + 1})[aria-current="true"]`).waitFor()

/** A viewer of a live call sees what could be done, and cannot do it. */
async function watchesOnly(t: Test, page: Page): Promise<void> {
  await turns(page).first().waitFor({ timeout: LIVE_MS })
  for (const name of ['Pause the recording', 'Transfer …', 'Hang up']) {
    t.ok(await button(page, name).isDisabled(), name)
    t.equal(await button(page, name).getAttribute('title'), 'Needs a key with the role operator.')
  }
}

async function filesArrive(t: Test, page: Page, system: SeededSystem): Promise<void> {
  const { answered: callId } = system.calls
  const link = (name: string) => () => page.getByRole('link', { name, exact: true }).click()
  const [wavName, wav] = await downloaded(page, link('Recording (WAV)'))
  const kept = Buffer.from(await (await system.api(`/api/calls/${callId}/recording`)).arrayBuffer())
  t.equal(wavName, `${callId}.wav`)
  t.ok(wav.equals(kept), `the recording, whole: ${kept.length} bytes`)
  const [textName, text] = await downloaded(page, () => button(page, 'Transcript (text)').click())
  t.equal(textName, `${callId}.txt`)
  t.match(text.toString(), /^\[0:\d\d\] Agent: Hello, this is the voicegate rehearsal agent\.$/m)
  t.match(text.toString(), /^\[0:\d\d\] Callee: /m)
  const [, json] = await downloaded(page, () => button(page, 'Transcript (JSON)').click())
  const served = (await (await system.api(`/api/calls/${callId}/transcript`)).json()) as object
  const { items } = served as { items: unknown }
  t.same(JSON.parse(json.toString()), { call_id: callId, items })
  const [, bundle] = await downloaded(page, link('Debug bundle (JSON)'))
  t.match(JSON.parse(bundle.toString()), { call: { call_id: callId }, software: {} })
  const [, pcap] = await downloaded(page, link('Signalling (pcap)'))
  t.equal(pcap.readUInt32BE(0), 0xa1b2c3d4, 'a capture')
}

async function recordingAndTransfer(t: Test, page: Page): Promise<void> {
  await button(page, 'Pause the recording').click()
  await page.getByText('recording paused').first().waitFor()
  await button(page, 'Go on recording').click()
  await button(page, 'Pause the recording').waitFor()
  await button(page, 'Transfer …').click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('To which number').fill('030 123')
  await dialog.getByLabel('To which number').blur()
  await dialog.getByText(/Begin with \+ and the country code/).waitFor()
  t.ok(await confirm(page, 'Transfer now').isDisabled(), 'no number yet')
  await dialog.getByLabel('Second call: we connect the two').check()
  await dialog.getByText(/A real phone may ring/).waitFor()
  t.same(await axe(page), [], 'axe finds nothing grave in the dialog')
  await dialog.getByLabel('To which number').fill(BUSY_NUMBER)
  await confirm(page, 'Transfer now').click()
  await page.getByText(/Transfer: nothing came of it/).waitFor({ timeout: LIVE_MS })
}
