// The page that places calls, walked: what is filled in, refused and sent, and the ladder that draws itself.
import type { Page, Request } from 'playwright-core'
import t, { type Test } from 'tap'
import { axe, overflow } from '../support/browser/axe.ts'
import { needsBrowser, openBrowser } from '../support/browser/open-browser.ts'
import { openConsole, type ConsoleTab } from '../support/browser/open-console.ts'
import { openSeededSystem } from '../support/browser/seeded-system.ts'
import { shoot } from '../support/browser/shoot.ts'

const TALKS = '+4930231250000'
const BUSY = '+4930231250086'

const press = (page: Page, name: string): Promise<void> =>
  page.getByRole('button', { name, exact: true }).click()
const field = (page: Page, name: string) => page.getByRole('textbox', { name, exact: true })
const check = (page: Page, name: string) => page.getByRole('checkbox', { name, exact: true })
const fold = (page: Page, name: string) => page.locator('summary').filter({ hasText: name }).click()
const said = (page: Page, words: string | RegExp): Promise<void> =>
  page.getByText(words).first().waitFor()
const isStart = (request: Request): boolean =>
  request.method() === 'POST' && new URL(request.url()).pathname === '/api/calls/start'

/** As a node with an account at Twilio says it. */
async function withTwilio(page: Page): Promise<void> {
  await page.route('**/api/settings', async (route) => {
    const response = await route.fetch()
    const body = (await response.json()) as { vendors: object }
    const vendors = { ...body.vendors, twilio: true }
    await route.fulfill({ response, json: { ...body, vendors } })
  })
}

t.setTimeout(120_000)
t.test('dial', { ...needsBrowser(), timeout: 120_000 }, async (t) => {
  const system = await openSeededSystem(t, { signIn: true, staged: false, calls: 5 })
  const { url, keys } = system
  const browser = await openBrowser(t)
  const open = (t: Test, more: object = {}): Promise<ConsoleTab> =>
    openConsole(t, { browser, url: `${url}/dial`, key: keys.operator, ...more })
  const callsTo = async (number: string): Promise<number> => {
    const body = JSON.stringify({ number })
    const answer = await system.api('/api/calls/search', { method: 'POST', body })
    return ((await answer.json()) as { items: unknown[] }).items.length
  }

  t.test('a viewer sees it all and can call nobody', async (t) => {
    const { page } = await open(t, { key: keys.viewer, width: 390, locale: 'de-DE' })
    await field(page, 'Nummer').fill(TALKS)
    const call = page.getByRole('button', { name: 'Anrufen', exact: true })
    t.ok(await call.isDisabled())
    t.equal(
      await call.getAttribute('title'),
      'Dafür braucht es einen Schlüssel mit der Rolle operator.',
    )
    t.equal(await overflow(page), 0)
    t.same(await axe(page), [])
    await shoot(page, 'dial-390-de')
  })

  t.test('what is typed is judged as it is typed', async (t) => {
    const { page } = await open(t)
    const call = page.getByRole('button', { name: 'Call', exact: true })
    t.ok(await call.isDisabled(), 'nothing to call yet')
    await field(page, 'Number').fill('030 1234')
    await page.keyboard.press('Tab')
    await said(page, /Begin with \+ and the country code/)
    await page.getByRole('button', { name: '486 Busy Here' }).click()
    await said(page, 'Germany: +49 302 312 500 86')
    await fold(page, 'What the agent is told')
    await field(page, 'Language').fill('german')
    await said(page, 'Two letters (ISO 639-1), such as de or pt-BR.')
    t.ok(await call.isDisabled(), 'something is wrong')
    await field(page, 'Language').fill('de')
    await said(page, 'German')
    t.notOk(await call.isDisabled())
  })

  t.test(
    'everything that can be said of a call is sent; a refusal stands beside its field',
    async (t) => {
      const tab = await open(t)
      const { page } = tab
      tab.expectErrors(403)
      await page.getByRole('button', { name: '486 Busy Here' }).click()
      await page.getByPlaceholder(/^Default: /).fill('front')
      await page.locator('[role=option]').filter({ hasText: 'front' }).first().click()
      await page.getByLabel('Trunk').selectOption('rehearsal')
      await fold(page, 'What the agent is told')
      await field(page, 'First message').fill('Good morning')
      await press(page, 'Variables: add')
      await field(page, 'Variables: name 1').fill('patient')
      await field(page, 'Variables: value 1').fill('Ada')
      await press(page, 'Variables: add')
      await press(page, 'Variables: remove 2')
      await fold(page, 'How long')
      await field(page, 'Ring for at most (seconds)').fill('20')
      await field(page, 'Talk for at most (seconds)').fill('60')
      await fold(page, 'Answering machine')
      t.ok(await page.getByRole('radio', { name: /Gate/ }).isDisabled(), 'said to be not built')
      await fold(page, 'If nobody is reached')
      await check(page, 'Dial again by itself').check()
      await field(page, 'At most so often').fill('1')
      await field(page, 'Minutes in between').fill('10')
      await check(page, 'busy').uncheck()
      await said(page, 'Dialled again once, 10 mins later, after: no answer.')
      await fold(page, 'Metadata')
      await press(page, 'Metadata: add')
      await field(page, 'Metadata: name 1').fill('order')
      await field(page, 'Metadata: value 1').fill('7')
      await field(page, 'Number shown').fill('+49 30 7654321')
      t.same(await axe(page), [])
      const refused = page.waitForRequest(isStart)
      await press(page, 'Call')
      t.match((await refused).postDataJSON(), {
        phone_number: BUSY,
        trunk: 'rehearsal',
        from: '+49307654321',
        agent_id: /front/,
        first_message: 'Good morning',
        dynamic_variables: { patient: 'Ada' },
        ring_timeout_seconds: 20,
        max_duration_seconds: 60,
        retry: { attempts: 1, after_seconds: 600, on: ['no-answer'] },
        metadata: { order: '7' },
      })
      await page.locator('[aria-invalid=true]').waitFor()
      t.equal(await page.locator('[aria-invalid=true]').getAttribute('type'), 'tel')
      await field(page, 'Number shown').fill('')
      const taken = page.waitForRequest(isStart)
      await press(page, 'Call')
      t.match((await (await taken).allHeaders())['idempotency-key'], /^[\da-f]{32}$/)
      await said(page, 'Over: busy (by callee). No agent was paid for.')
      await shoot(page, 'dial-busy')
    },
  )

  t.test('the ladder draws itself; hang up, again, the last numbers', async (t) => {
    const { page } = await open(t)
    await page.getByRole('button', { name: 'answers and talks' }).click()
    await press(page, 'Call')
    const ladder = page.getByRole('region', { name: 'Ladder' }).getByRole('listitem')
    await ladder.filter({ hasText: 'gateway to carrier: INVITE' }).waitFor()
    await ladder.filter({ hasText: 'carrier to gateway: 200 OK' }).waitFor()
    await ladder.filter({ hasText: 'agent to gateway: 101, agent open' }).waitFor()
    await said(page, /The agent is open: US\$0\.08 a minute\./)
    await page.getByRole('log', { name: 'What is said' }).getByRole('listitem').first().waitFor()
    t.same(await axe(page), [])
    t.equal(await overflow(page), 0)
    t.notMatch(page.url() + (await page.title()), /4930/, 'no number in address or title')
    await shoot(page, 'dial-talking')
    await press(page, 'Hang up')
    await page.getByRole('dialog').getByRole('button', { name: 'Hang up' }).click()
    await said(page, /^Over: hung up \(by console or API\)\. The agent cost/)
    await press(page, 'Call again')
    await page.getByRole('button', { name: 'Hang up', exact: true }).waitFor()
    const last = page.getByRole('region', { name: 'Last dialled' }).getByRole('button')
    t.equal(await last.count(), 1)
    await press(page, 'Hang up')
    await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click()
    await press(page, 'Hang up')
    await page.getByRole('dialog').getByRole('button', { name: 'Hang up' }).click()
    await said(page, /^Over: /)
    await last.first().click()
    await said(page, /^Over: hung up/)
    await page.getByRole('link', { name: 'The call’s page' }).click()
    await page.waitForURL(/\/calls\/call_/)
  })

  t.test('sent again after no answer came, it rings once', async (t) => {
    const tab = await open(t)
    const { page } = tab
    const before = await callsTo(BUSY)
    tab.expectErrors(/ERR_FAILED|ERR_CONNECTION/)
    const keys: string[] = []
    await page.route('**/api/calls/start', async (route) => {
      keys.push((await route.request().allHeaders())['idempotency-key'] ?? '')
      // It is taken; nobody here is told.
      const answer = await route.fetch()
      await (keys.length === 1 ? route.abort() : route.fulfill({ response: answer }))
    })
    await page.getByRole('button', { name: '486 Busy Here' }).click()
    await press(page, 'Call')
    await said(page, 'No answer came in time')
    await press(page, 'Send again: it rings once')
    await said(page, /^Over: busy/)
    t.equal(new Set(keys).size, 1, 'the same key')
    t.equal(await callsTo(BUSY), before + 1, 'one call')
  })

  t.test('a real phone is asked about first; a number comes by the history', async (t) => {
    const tab = await open(t)
    const { page } = tab
    await page.route('**/api/how-to', async (route) => {
      const response = await route.fetch()
      const body = (await response.json()) as object
      await route.fulfill({ response, json: { ...body, rehearsal: false, demo_numbers: [] } })
    })
    await tab.go('/live')
    await page.evaluate(`history.pushState({ phone_number: '${BUSY}' }, '', '/dial')`)
    await said(page, 'Germany: +49 302 312 500 86')
    let sent = 0
    page.on('request', (request) => (sent += isStart(request) ? 1 : 0))
    await press(page, 'Call')
    const dialog = page.getByRole('dialog')
    await dialog.getByText(/This rings a real phone: \+49 302 312 500 86/).waitFor()
    t.same(await axe(page), [])
    await dialog.getByRole('button', { name: 'Cancel' }).click()
    t.equal(sent, 0, 'not without a yes')
    await press(page, 'Call')
    await dialog.getByRole('button', { name: 'Call', exact: true }).click()
    await said(page, /^Over: busy/)
    t.equal(sent, 1)
  })

  t.test('by Twilio, with the menu: what applies is there, and nothing else is sent', async (t) => {
    const tab = await open(t, { width: 390, colorScheme: 'dark' })
    const { page } = tab
    t.equal(await page.getByRole('radio', { name: 'Twilio' }).count(), 0, 'no account, no choice')
    await withTwilio(page)
    await tab.go('/dial')
    await field(page, 'Number').fill(TALKS)
    await page.getByLabel('Trunk').selectOption('berlin')
    await fold(page, 'What the agent is told')
    await field(page, 'First message').fill('Good morning')
    await page.getByText('Twilio', { exact: true }).click()
    await said(page, /From the number of our account at Twilio/)
    t.equal(await page.getByLabel('Trunk').count(), 0, 'Twilio has no trunk')
    t.equal(await field(page, 'Number shown').count(), 0, 'and one number')
    await page.getByLabel('Who talks').selectOption('order-ivr-then-agent')
    await said(page, /is opened when that is gone through, not before/)
    await page.getByLabel('Who talks').selectOption('order-ivr')
    t.equal(await page.getByText('What the agent is told').count(), 0, 'there is none')
    await fold(page, 'Answering machine')
    await page.getByRole('radio', { name: /Detect/ }).check()
    await page.getByRole('radio', { name: /Gate/ }).check()
    await said(page, 'When a machine picked up, we hang up as soon as that is known.')
    await said(page, /Whoever answers gets the menu; no agent is opened/)
    t.same(await axe(page), [])
    t.equal(await overflow(page), 0)
    await shoot(page, 'dial-twilio-390')
    tab.expectErrors(409)
    const problem = { code: 'PROVIDER_NOT_CONFIGURED', message: 'There is no menu here.' }
    const fields = [{ field: 'answer_with', message: 'There is no menu here.' }]
    await page.route('**/api/calls/start', (route) =>
      route.fulfill({ status: 409, json: { ...problem, status: 409, errors: fields } }),
    )
    const sent = page.waitForRequest(isStart)
    await press(page, 'Call')
    t.same((await sent).postDataJSON(), {
      phone_number: TALKS,
      provider: 'twilio',
      answer_with: 'order-ivr',
      answering_machine: 'gate',
    })
    await said(page, 'There is no menu here.')
    await page.getByText('SIP', { exact: true }).click()
    t.equal(await page.getByLabel('Trunk').inputValue(), 'berlin', 'as it was')
    t.ok(await page.getByRole('radio', { name: /Gate/ }).isDisabled(), 'not built on SIP')
  })

  t.test('without agents to choose from an id will do; what cannot be had is said', async (t) => {
    const tab = await open(t)
    const { page } = tab
    tab.expectErrors(502)
    const problem = { code: 'AGENT_UNAVAILABLE', title: 'The agent is away', status: 502 }
    await page.route('**/api/agents?*', (route) => route.fulfill({ status: 502, json: problem }))
    await tab.go('/dial')
    await said(page, /The list of agents could not be had/)
    await field(page, 'Agent').fill('agent_of_mine')
    await said(page, /The agent \(agent_of_mine\) is opened when somebody answers/)
  })
})
