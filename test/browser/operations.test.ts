// Statistics, agents and trunks as people use them, on one seeded system: every control, every state.
import { readFile } from 'node:fs/promises'
import type { Page, WebSocketRoute } from 'playwright-core'
import t, { type Test } from 'tap'
import { axe, overflow } from '../support/browser/axe.ts'
import { needsBrowser, openBrowser } from '../support/browser/open-browser.ts'
import {
  openConsole,
  type ConsoleOptions,
  type ConsoleTab,
} from '../support/browser/open-console.ts'
import { openSeededSystem } from '../support/browser/seeded-system.ts'
import { shoot } from '../support/browser/shoot.ts'

// Real pages, one after the other; on a busy machine each takes its time.
t.setTimeout(90_000)

const DAY_MS = 86_400_000
const PROBLEM = 'application/problem+json'
const TEXT_ONLY = {
  conversation_config: { conversation: { text_only: true } },
  platform_settings: { auth: { enable_auth: true } },
}

async function isFine(t: Test, { page }: ConsoleTab, name: string): Promise<void> {
  t.same(await axe(page), [], `${name}: axe`)
  t.equal(await overflow(page), 0, `${name}: no wider than the screen`)
  await shoot(page, name)
}

const cells = (page: Page, table: string): Promise<readonly string[][]> =>
  page.getByRole('table', { name: table, exact: true }).evaluate((element) => {
    const rows = [...(element as unknown as { rows: Iterable<unknown> }).rows]
    return rows.map((row) =>
      [...(row as { cells: Iterable<{ innerText: string }> }).cells].map((cell) =>
        cell.innerText.trim(),
      ),
    )
  })

t.test('statistics, agents and trunks', needsBrowser(), async (t) => {
  const browser = await openBrowser(t)
  const system = await openSeededSystem(t, {
    signIn: true,
    staged: false,
    ...consoleOf(process.argv),
  })
  system.agent.script('agent_broken', { settings: TEXT_ONLY })
  const open = (t: Test, path: string, options: Partial<ConsoleOptions> = {}) =>
    openConsole(t, {
      browser,
      url: `${system.url}${path}`,
      key: system.keys.operator,
      ...options,
    })

  t.test('statistics: periods, groups, charts as tables, a file', async (t) => {
    const tab = await open(t, '/statistics?range=7d')
    const { page } = tab
    await page.getByRole('heading', { name: 'Totals' }).waitFor({ state: 'attached' })
    await page.locator('svg.recharts-surface').nth(3).waitFor()
    await isFine(t, tab, 'statistics')
    const days = await cells(page, 'By day')
    t.equal(days.length, 9, 'seven days between head and total')
    const sum = days.slice(1, -1).reduce((total, row) => total + Number(row[1]), 0)
    t.equal(String(sum), days.at(-1)?.[1], 'the days come to the total')
    t.ok(await page.getByText(String(sum), { exact: true }).first().isVisible(), 'as in its tile')
    t.match(await page.getByText(/^Compared with/).innerText(), /up to the same time of day$/)

    const chart = page.getByRole('figure', { name: /^Calls by outcome per day/ })
    await chart.getByRole('application').focus()
    await page.keyboard.press('ArrowRight')
    await chart.locator('.recharts-tooltip-wrapper').getByText(/: \d/).first().waitFor()
    for (const name of [/^Calls by/, /^Share of/, /^Agent minutes/, /^Cost/]) {
      const figure = page.getByRole('figure', { name })
      await figure.getByText('Table', { exact: true }).click()
      t.equal(await figure.getByRole('row').count(), 8, `${name.source} as a table`)
    }
    t.same(await axe(page, 'figure'), [], 'the tables, too')
    await chart.getByText('Chart', { exact: true }).click()
    await chart.getByRole('application').waitFor()

    await page.getByRole('button', { name: 'Calls: sort' }).click()
    const counts = async () =>
      (await cells(page, 'By day')).slice(1, -1).map((row) => Number(row[1]))
    t.same(
      await counts(),
      (await counts()).toSorted((one, other) => other - one),
      'most first',
    )
    await page.getByRole('button', { name: 'Calls: sort' }).click()
    t.equal(await page.locator('th[aria-sort=ascending]').innerText(), 'Calls ↑')

    for (const [group, name] of Object.entries({
      week: 'By week',
      trunk: 'By trunk',
      agent: 'By agent',
      outcome: 'By outcome',
      consent: 'By consent',
    })) {
      await page.getByLabel('Grouped').selectOption(group)
      await page.getByRole('table', { name, exact: true }).waitFor()
      const rows = await cells(page, name)
      t.equal(rows.at(-1)?.[1], String(sum), `${name} comes to the same`)
      t.equal(new URL(page.url()).search, `?range=7d&group=${group}`)
    }
    await page.getByLabel('Grouped').selectOption('trunk')
    const trunks = page.getByRole('table', { name: 'By trunk', exact: true }).getByRole('link')
    const leads = await trunks.first().getAttribute('href')
    t.match(leads, /^\/calls\?trunk=[^&]+&from=\d{4}-\d{2}-\d{2}&to=/, 'to the calls of a trunk')
    await page.getByLabel('Grouped').selectOption('outcome')
    const downloading = page.waitForEvent('download')
    await page.getByRole('button', { name: 'Download as CSV' }).click()
    const download = await downloading
    t.match(download.suggestedFilename(), /^statistics-.*-by-outcome\.csv$/)
    const csv = await readFile(await download.path(), 'utf8')
    t.match(csv, /^\uFEFFoutcome,calls,live,/)
    t.match(csv, new RegExp(`\\(total\\),${sum},`))
    await page.getByRole('link', { name: 'Calls of answered' }).click()
    await page.waitForURL(/\/calls\?outcome=answered&from=[\d-]+&to=[\d-]+$/)
  })

  t.test('statistics: other periods, an empty one, one that cannot be', async (t) => {
    const tab = await open(t, '/statistics?range=7d', { locale: 'de-DE', colorScheme: 'dark' })
    const { page } = tab
    await page.locator('svg.recharts-surface').nth(3).waitFor()
    await isFine(t, tab, 'statistics-de')
    await page.getByText('Heute', { exact: true }).click()
    await page.waitForURL(/range=today/)
    await page.getByText('90 Tage', { exact: true }).click()
    await page.waitForURL(/range=90d/)
    await page.getByText('Anderer', { exact: true }).click()
    const day = new Date(Date.now() - 2 * DAY_MS).toISOString().slice(0, 10)
    await page.getByLabel('Vom Tag').fill(day)
    await page.getByLabel('Bis zum Tag').fill(day)
    await page.getByText('Die Diagramme zeigen die sieben Tage').waitFor()
    await page.getByLabel('Bis zum Tag').fill('2020-01-31')
    await page.getByText('Der erste Tag liegt nach dem letzten.').waitFor()
    await page.getByLabel('Vom Tag').fill('2018-01-01')
    await page.getByText('höchstens 400 Tage').waitFor()
    await page.getByLabel('Vom Tag').fill('2020-01-01')
    await page.getByText('Keine Anrufe in diesem Zeitraum').waitFor()
    t.match(page.url(), /\?from=2020-01-01&to=2020-01-31$/)
    await isFine(t, tab, 'statistics-empty-de')
    await page.getByRole('button', { name: 'Die letzten 90 Tage' }).click()
    await page.getByRole('heading', { name: 'Nach Tagen' }).waitFor()
  })

  t.test('statistics: a failure is said, and asked again', async (t) => {
    const tab = await open(t, '/trunks', { width: 390, locale: 'ru-RU' })
    const { page } = tab
    tab.expectErrors(500)
    const failing = /\/api\/statistics\?/
    await page.route(failing, (route) =>
      route.fulfill({
        status: 500,
        contentType: PROBLEM,
        body: '{"code":"INTERNAL","detail":"out of order"}',
      }),
    )
    await tab.go('/statistics?range=7d')
    await page.getByRole('alert').getByText('out of order').first().waitFor()
    await page.unroute(failing)
    await page.getByRole('button', { name: 'Повторить' }).first().click()
    await page.locator('svg.recharts-surface').nth(3).waitFor()
    await isFine(t, tab, 'statistics-narrow-ru')
  })

  t.test('agents: advice, checking again, dialling with one', async (t) => {
    const tab = await open(t, '/agents')
    const { page } = tab
    const agents = page.getByRole('list', { name: 'Agents' }).locator('> [role=listitem]')
    await page.getByText('calls would fail').waitFor()
    t.match(await agents.first().innerText(), /agent_rehearsal[\s\S]*default/i, 'the default first')
    const broken = agents.filter({ hasText: 'agent_broken' })
    t.match(await broken.innerText(), /It only writes and does not speak[\s\S]*Turn off/)
    await isFine(t, tab, 'agents')
    const more = broken.getByRole('button', { name: /more finding/ })
    await more.click()
    t.equal(await more.getAttribute('aria-expanded'), 'true')
    await page.getByRole('list', { name: 'More findings of agent_broken' }).waitFor()

    system.agent.script('agent_broken', {})
    await page.getByRole('button', { name: 'Check agent_broken again' }).click()
    await page.getByText('calls would fail').waitFor({ state: 'detached' })
    await page.getByRole('button', { name: 'Copy the id of agent_recall' }).click()
    await page.getByRole('button', { name: 'Dial with agent_recall' }).click()
    await page.waitForURL(/\/dial$/)
    t.match(await page.evaluate('history.state'), { agent_id: 'agent_recall' })
  })

  t.test('agents: no key, none there, a vendor that fails', async (t) => {
    const tab = await open(t, '/trunks', { width: 390, colorScheme: 'dark', locale: 'ru-RU' })
    const { page } = tab
    tab.expectErrors(409, 502)
    const answer = async (status: number, body: object): Promise<void> => {
      await page.unrouteAll()
      await page.route(/\/api\/agents\?/, (route) =>
        route.fulfill({ status, contentType: PROBLEM, body: JSON.stringify(body) }),
      )
      await tab.go('/agents')
    }
    await answer(409, { code: 'STATE_CONFLICT', detail: 'no key' })
    await page.getByText('нет ключа ElevenLabs').waitFor()
    await page.getByText('идут к agent_rehearsal').waitFor()
    await isFine(t, tab, 'agents-no-key-ru')
    await page.unrouteAll()
    await page.route(/\/api\/agents\?/, (route) =>
      route.fulfill({ json: { items: [], next_cursor: null } }),
    )
    await tab.go('/agents')
    await page.getByText('агентов нет').waitFor()
    await answer(502, { code: 'VENDOR_FAILED', detail: 'ElevenLabs: it answered 500.' })
    await page.getByText('ElevenLabs: it answered 500.').waitFor()
    await page.unrouteAll()
    await page.route(/\/api\/agents\/agent_recall\/check/, (route) =>
      route.fulfill({
        status: 502,
        contentType: PROBLEM,
        body: '{"code":"VENDOR_FAILED","detail":"ElevenLabs: away."}',
      }),
    )
    await page.getByRole('button', { name: 'Повторить' }).click()
    await page.getByText('проверить нельзя').waitFor()
    await page.getByText('ElevenLabs: away.').waitFor()
    await isFine(t, tab, 'agents-narrow-ru')
    await page.unrouteAll()
    await page.getByRole('button', { name: 'Повторить' }).click()
    await page.getByText('проверить нельзя').waitFor({ state: 'detached' })
  })

  t.test('agents: a viewer looks and checks, and cannot dial', async (t) => {
    const { page } = await open(t, '/agents', { key: system.keys.viewer })
    const dial = page.getByRole('button', { name: 'Dial with agent_recall' })
    t.equal(await dial.isDisabled(), true)
    t.match(await dial.getAttribute('title'), /role operator/)
    // Not while it is being checked.
    await page.getByRole('button', { name: 'Check agent_recall again', disabled: false }).waitFor()
  })

  t.test('trunks: state, reasons, set-up', async (t) => {
    const tab = await open(t, '/trunks')
    const { page } = tab
    const trunk = (name: string) =>
      page
        .getByRole('list', { name: 'Trunks' })
        .getByRole('listitem')
        .filter({
          has: page.getByRole('heading', { name, exact: true }),
        })
    const state = (name: string): Promise<string> => trunk(name).innerText()
    await trunk('backup').getByText('does not answer').waitFor()
    t.match(await state('backup'), /fails[\s\S]*Check port and transport[\s\S]*npm run doctor/)
    await trunk('berlin').getByText('registered', { exact: true }).waitFor()
    t.match(await state('berlin'), /since[\s\S]*until[\s\S]*0 of 10[\s\S]*takes calls only/)
    t.match(await state('rehearsal'), /not needed[\s\S]*every number: the only choice/)
    await isFine(t, tab, 'trunks')
    const setUp = page.getByRole('button', { name: 'Set-up of berlin' })
    await setUp.click()
    t.equal(await setUp.getAttribute('aria-expanded'), 'true')
    await trunk('berlin').getByText('PCMU, PCMA').waitFor()
    await page.getByText('cp sip-config/trunks/generic-pbx.yaml').waitFor()
  })

  t.test('trunks: what is told of them is shown at once', async (t) => {
    const tab = await open(t, '/', { locale: 'de-DE', width: 390 })
    const { page } = tab
    const late: { socket?: WebSocketRoute } = {}
    await page.routeWebSocket(/\/api\/events/, (socket) => {
      late.socket = socket
      const server = socket.connectToServer()
      // What the server says of trunks would undo what is told here.
      server.onMessage((message) => {
        if (!String(message).includes('"trunk.changed"')) socket.send(message)
      })
    })
    await tab.go('/trunks')
    await page.getByRole('heading', { name: 'berlin' }).waitFor()
    const listed = (await (await system.api('/api/trunks')).json()) as { items: object[] }
    const [one] = listed.items
    const tell = (trunks: readonly object[], away = false): void =>
      late.socket?.send(
        JSON.stringify({
          id: '1',
          type: 'trunk.changed',
          at: new Date().toISOString(),
          call_id: null,
          data: { trunks, sip_server_away: away },
        }),
      )
    const at = new Date().toISOString()
    const routed = (name: string, weight: number) => ({
      ...one,
      name,
      calls: 9,
      max_concurrent_calls: 10,
      routes: [{ prefixes: ['+49'], priority: 1, weight }],
      registers: true,
      registration: 'failing',
      since: at,
      last_failure: { at, sip_status: 403, detail: null },
    })
    tell([routed('erster', 70), routed('zweiter', 30)], true)
    await page.getByText('Der SIP-Server ist nicht da').waitFor()
    await page.getByText('Nummern mit +49 am Anfang: erste Wahl, 70').waitFor()
    await page.getByText('SIP 403').first().waitFor()
    await page.getByText('Zuerst das Passwort prüfen').first().waitFor()
    const load = page.getByRole('progressbar', { name: 'Anrufe von erster jetzt: 9 von 10' })
    t.equal(await load.getAttribute('aria-valuenow'), '90')
    await isFine(t, tab, 'trunks-failing-de')
    tell([])
    await page.getByText('Kein Trunk eingerichtet').waitFor()
    await isFine(t, tab, 'trunks-none-de')
  })
})

/** Another build of the console than our own, while it is worked on. */
function consoleOf(words: readonly string[]): { console?: string } {
  const folder = words.find((word) => word.startsWith('--console='))?.slice('--console='.length)
  return folder === undefined ? {} : { console: folder }
}
