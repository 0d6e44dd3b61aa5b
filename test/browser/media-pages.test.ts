// The page of media in every state that it can show: nothing yet, nothing set up, on the way, refused, failed; who may do
// what; narrow and dark, in other languages. The walk through the real product is media.test.ts.
import type { BrowserContext, Page } from 'playwright-core'
import t, { type Test } from 'tap'
import { axe, overflow } from '../support/browser/axe.ts'
import {
  aPhoto,
  aProvider,
  FULL,
  mockMedia,
  newWorld,
  problem,
  type MediaWorld,
} from '../support/browser/mocked-media.ts'
import { needsBrowser, openBrowser } from '../support/browser/open-browser.ts'
import { openConsole, type ConsoleTab } from '../support/browser/open-console.ts'
import { photoFile } from '../support/browser/seeded-media.ts'
import { openSeededSystem } from '../support/browser/seeded-system.ts'
import { shoot } from '../support/browser/shoot.ts'
import { eventually } from '../support/process.ts'

// Real pages, one after the other; on a busy machine each takes its time.
t.setTimeout(300_000)

const WAIT_MS = 20_000
const NEEDS_OPERATOR = 'Needs a key with the role operator.'
const dialog = (page: Page, name: string | RegExp) => page.getByRole('dialog', { name })
const press = (page: Page, name: string | RegExp): Promise<void> =>
  page.getByRole('button', { name, exact: typeof name === 'string' }).click()
const choose = (page: Page, ...names: readonly string[]): Promise<void> =>
  page
    .locator('input[type=file]')
    .setInputFiles(
      names.map((name) => ({ name, mimeType: 'image/jpeg', buffer: Buffer.alloc(9000, name) })),
    )
const uploadOf = (page: Page, name: string) =>
  page
    .getByRole('list', { name: 'Files on their way' })
    .getByRole('listitem')
    .filter({ hasText: name })

t.test('the page of media', { ...needsBrowser(), timeout: 290_000 }, async (t) => {
  const system = await openSeededSystem(t, { staged: false, calls: 5, signIn: true })
  const { url, keys } = system
  const browser = await openBrowser(t)
  const open = async (
    t: Test,
    world: MediaWorld,
    path: string,
    more: object = {},
  ): Promise<ConsoleTab> => {
    const prepare = (context: BrowserContext): Promise<unknown> => mockMedia(context, world)
    return openConsole(t, { browser, url: url + path, key: keys.operator, prepare, ...more })
  }

  t.test('nothing yet, and nothing set up: what to do stands there', async (t) => {
    const world = newWorld()
    world.providers = {
      items: [
        aProvider({ is_configured: false }),
        aProvider({ provider: 'heygen', is_configured: false, is_default: false }),
      ],
      can_speak_by_elevenlabs: false,
      video_tools: false,
      max_upload_bytes: 500 * 1024 * 1024,
    }
    const tab = await open(t, world, '/media')
    const { page } = tab
    await page.getByText('No photo or video yet').waitFor()
    await page.getByText('DID_API_KEY=…').waitFor()
    await page.getByText('apt-get install ffmpeg').waitFor()
    await page.getByText(/At most \d.* each\./).waitFor()
    t.ok(await page.getByRole('button', { name: 'Animate' }).isDisabled())
    t.same(await axe(page), [])
    await shoot(page, 'media-nothing')
    await page.getByRole('link', { name: 'Animations', exact: true }).click()
    await page.getByText('No animation yet').waitFor()
    await page.getByText('Set DID_API_KEY to use it.').waitFor()
    t.same(await axe(page), [])
    await shoot(page, 'media-nothing-animations')
  })

  t.test(
    'without a provider, of the real product: a photo is kept, and not animated',
    async (t) => {
      const { page } = await openConsole(t, { browser, url: `${url}/media`, key: keys.operator })
      await page.getByText('No provider of animations is configured').first().waitFor()
      const photo = { name: 'grandma.jpg', mimeType: 'image/jpeg', buffer: await photoFile() }
      await page.locator('input[type=file]').setInputFiles([photo])
      await uploadOf(page, 'grandma.jpg').getByText('It is there.').waitFor({ timeout: WAIT_MS })
      t.ok(await page.getByRole('button', { name: 'Animate grandma.jpg' }).first().isDisabled())
    },
  )

  t.test('files go up one after the other; what is refused says why, and goes again', async (t) => {
    const world = newWorld()
    const first = Promise.withResolvers<undefined>()
    const tab = await open(t, world, '/media')
    const { page } = tab
    const isRefused = { now: true }
    await tab.context.route('**/media/upload', async (route) => {
      const body = route.request().postDataBuffer()?.toString('latin1') ?? ''
      world.acted.push(new URL(route.request().url()).pathname)
      if (body.includes('slow.jpg')) await first.promise
      const isBad = body.includes('bad.jpg') && isRefused.now
      const refusal = problem('MEDIA_REFUSED', 'The file is a web page.')
      await route
        .fulfill({
          status: isBad ? 415 : 201,
          contentType: 'application/json',
          body: JSON.stringify(isBad ? refusal : aPhoto('med_9')),
        })
        // The one that was canceled.
        .catch(() => undefined)
    })
    tab.expectErrors(415)
    await page.getByRole('textbox', { name: 'Memorial' }).first().fill('grandma')
    await choose(page, 'slow.jpg', 'bad.jpg', 'dropped.jpg')
    await uploadOf(page, 'slow.jpg').getByText(/sent/i).waitFor()
    await uploadOf(page, 'bad.jpg').getByText('Waits for its turn').waitFor()
    t.equal(world.acted.length, 1, 'one at a time')
    t.same(await axe(page), [])
    await shoot(page, 'media-uploading')
    await press(page, 'Cancel the upload of dropped.jpg')
    await press(page, 'Cancel the upload of slow.jpg')
    await uploadOf(page, 'slow.jpg').getByText('Canceled').waitFor()
    first.resolve(undefined)
    await uploadOf(page, 'bad.jpg').getByText('The file is a web page.').waitFor()
    t.same(
      new Set(world.acted),
      new Set(['/api/v1/memorials/grandma/media/upload']),
      'to the memorial that was typed',
    )
    t.match(page.url(), /to=grandma/, 'which the address keeps')
    await shoot(page, 'media-refused')
    isRefused.now = false
    await press(page, 'Send bad.jpg again')
    await uploadOf(page, 'bad.jpg').getByText('It is there.').waitFor()
    await page.getByRole('link', { name: 'Orders', exact: true }).click()
    await page.goBack()
    await uploadOf(page, 'bad.jpg').getByText('It is there.').waitFor()
    await press(page, 'Animate bad.jpg')
    await dialog(page, 'Animate a photo').waitFor()
    await page.keyboard.press('Escape')
    await press(page, 'Clear what is over')
    t.equal(await page.getByRole('list', { name: 'Files on their way' }).count(), 0)
  })

  t.test('an animation: every field says what is wrong; asked for once', async (t) => {
    const world = newWorld(FULL)
    const gate = Promise.withResolvers<undefined>()
    const tab = await open(t, world, '/media')
    const { page } = tab
    await press(page, 'Animate med_1.jpg')
    const asking = dialog(page, 'Animate a photo')
    t.ok(await asking.getByRole('radio', { name: 'med_1.jpg' }).isChecked())
    const start = asking.getByRole('button', { name: 'Animate', exact: true })
    t.ok(await start.isDisabled(), 'nothing is said yet')
    const words = asking.getByRole('textbox', { name: 'Words that are spoken' })
    await words.fill('Hi')
    await asking.getByText('These are too few characters.').waitFor()
    await words.fill('x'.repeat(201))
    await asking.getByText('These are too many characters.').waitFor()
    await asking.getByText('201 of at most 200 characters').waitFor()
    await words.fill('I remember you well.')
    await asking.getByText('This costs credits at D-ID').waitFor()
    await asking.getByRole('combobox', { name: 'Provider' }).selectOption('heygen')
    await asking.getByText('HeyGen is simulated here: nothing is paid.').waitFor()
    await asking.getByText('All 10 places at HeyGen are taken').waitFor()
    await asking.getByText('This provider has no default voice here').waitFor()
    t.ok(await start.isDisabled())
    await asking.getByText('ElevenLabs', { exact: true }).click()
    await asking.getByText('ElevenLabs speaks the words').waitFor()
    await asking.getByText('By its address').click()
    const address = asking.getByRole('textbox', { name: 'Address of the photo' })
    await address.fill('http://example.com/photo.jpg')
    await asking.getByText('An address that begins with https://').waitFor()
    await asking.getByText('A photo that is here').click()
    await tab.settled()
    t.same(await axe(page, '[role=dialog]'), [])
    await shoot(page, 'media-animate')

    // No answer: it may have been asked for.
    tab.expectErrors(/ERR_FAILED/)
    await tab.context.route('**/ai/photo/animate', async (route) => {
      world.keys.push(route.request().headers()['idempotency-key'] ?? '')
      if (world.keys.length === 1) return route.abort()
      if (world.keys.length === 2) await gate.promise
      return route.fulfill({
        status: 202,
        contentType: 'application/json',
        body: JSON.stringify({
          task_id: 'ani_1',
          status: 'pending',
          provider: 'heygen',
          message: '',
        }),
      })
    })
    await start.click()
    await asking.getByText('Sending the same once more is safe').waitFor()
    await shoot(page, 'media-animate-uncertain')
    const again = asking.getByRole('button', { name: 'Send it again (safe)' })
    await again.dblclick()
    gate.resolve(undefined)
    await dialog(page, 'Animation').getByText('Words of ani_1').waitFor()
    t.equal(world.keys.length, 2, 'a double click sends once')
    t.equal(world.keys[0], world.keys[1], 'the same wish has the same key')
    t.match(page.url(), /\/media\/animations\?animation=ani_1$/)
  })

  t.test('animations: states, errors with what to do, steps, actions that ask first', async (t) => {
    const world = newWorld(FULL)
    const tab = await open(t, world, '/media/animations')
    const { page } = tab
    const rows = page.getByRole('table', { name: 'Animations, newest first' }).locator('tbody tr')
    const row = (words: string) => rows.filter({ hasText: words })
    await eventually('all rows', WAIT_MS, async () => (await rows.count()) === 4)
    await row('ani_failed').getByText('There is no credit left at the provider').waitFor()
    t.equal(
      await row('ani_1')
        .getByRole('progressbar', { name: 'Progress' })
        .getAttribute('aria-valuetext'),
      'Step 3 of 7: rendering',
    )
    const cards = page.getByRole('region', { name: 'Providers' })
    await cards.getByRole('button', { name: 'Check the balance at D-ID' }).click()
    await cards.getByText('41.5 credits left. The key works.').waitFor()
    t.same(await axe(page), [])
    await shoot(page, 'media-animations')

    await press(page, 'Details: Words of ani_failed')
    const shown = dialog(page, 'Animation')
    await shown.getByText('not enough credits').waitFor()
    await shown.getByText('submitting.intended'.split('.')[1] ?? '').waitFor()
    t.match(page.url(), /animation=ani_failed/, 'it can be linked to')
    t.same(await axe(page, '[role=dialog]'), [])
    await shoot(page, 'media-animation-failed')
    await shown.getByRole('button', { name: 'Try again: Words of ani_failed' }).click()
    const sure = dialog(page, 'Try again')
    await sure.getByText('may be billed again').waitFor()
    await sure.getByRole('button', { name: 'Try again' }).click()
    await page.getByText('The animation goes on.').waitFor()
    await sure.waitFor({ state: 'hidden' })
    await shown.getByRole('button', { name: 'Close' }).click()

    await press(page, 'Cancel: Words of ani_1')
    await dialog(page, 'Cancel').getByText('may still be billed').waitFor()
    await dialog(page, 'Cancel').getByRole('button', { name: 'Cancel' }).last().click()
    await page.getByText('The animation was canceled.').waitFor()
    await press(page, 'Delete: Words of ani_done')
    await dialog(page, 'Delete').getByText('This cannot be undone.').waitFor()
    await dialog(page, 'Delete').getByRole('button', { name: 'Delete' }).click()
    await page.getByText('The record was deleted.').waitFor()
    t.same(world.acted, [
      'POST /ai/animations/ani_failed/retry',
      'POST /ai/animations/ani_1/cancel',
      'DELETE /ai/animations/ani_done',
    ])
    await page.getByRole('combobox', { name: 'State' }).selectOption('failed')
    await eventually('the others are gone', WAIT_MS, async () => (await rows.count()) === 1)
    t.match(page.url(), /status=failed/)
  })

  t.test('a video that not every browser plays; a photo; deleted for good', async (t) => {
    const world = newWorld(FULL)
    const tab = await open(t, world, '/media')
    const { page } = tab
    const list = page.getByRole('list', { name: 'Photos and videos, newest first' })
    await eventually('all of them', WAIT_MS, async () => {
      return (await list.getByRole('listitem').count()) === 5
    })
    await list.getByText('Converted: 40').waitFor()
    t.same(await axe(page), [])
    await shoot(page, 'media-files')
    // A picture is no video: it says that it cannot be played.
    await press(page, 'Open med_2.avi')
    const shown = dialog(page, 'med_2.avi')
    await shown.getByText('This browser cannot play the file.').waitFor()
    for (const fact of ['AVI', 'mpeg4', 'no sound', '25 per second', '812 kbit/s', '90°'])
      await shown.getByText(fact, { exact: true }).waitFor()
    t.same(await axe(page, '[role=dialog]'), [])
    await shoot(page, 'media-video')
    await shown.getByRole('button', { name: 'Make it playable everywhere' }).click()
    await eventually('it was asked', WAIT_MS, () =>
      Promise.resolve(world.acted.includes('POST /media/med_2/transcode')),
    )
    tab.expectErrors(409)
    world.answer = (request, path) =>
      request.method() === 'DELETE' && path === '/media/med_2'
        ? { status: 409, body: problem('STATE_CONFLICT', 'An animation of it is under way.') }
        : undefined
    await shown.getByRole('button', { name: 'Delete med_2.avi' }).click()
    const sure = dialog(page, 'Delete')
    await sure.getByText('This cannot be undone.').waitFor()
    await shoot(page, 'media-delete')
    await sure.getByRole('button', { name: 'Delete', exact: true }).click()
    await sure.getByText('An animation of it is under way.').waitFor()
    delete world.answer
    world.media = world.media.filter(({ media_id: id }) => id !== 'med_2')
    await sure.getByRole('button', { name: 'Delete', exact: true }).click()
    await shown.waitFor({ state: 'hidden' })
    await eventually('it is gone', WAIT_MS, async () => {
      return (await list.getByRole('listitem').count()) === 4
    })
    await press(page, 'Open med_1.jpg')
    await dialog(page, 'med_1.jpg').getByRole('img', { name: 'Photo med_1.jpg' }).waitFor()
    await dialog(page, 'med_1.jpg').getByText('PNG, 3200 × 2400').waitFor()
    await shoot(page, 'media-photo')
    await page.keyboard.press('Escape')
    await page.getByRole('combobox', { name: 'Kind' }).selectOption('photo')
    await eventually('photos alone', WAIT_MS, async () => {
      return (await list.getByRole('listitem').count()) === 2
    })
  })

  t.test('who may look may not act', async (t) => {
    const { page } = await open(t, newWorld(FULL), '/media', { key: keys.viewer })
    await page.getByRole('list', { name: 'Photos and videos, newest first' }).waitFor()
    for (const name of ['Choose files', 'Animate', 'Animate med_1.jpg'])
      t.equal(
        await page.getByRole('button', { name, exact: true }).getAttribute('title'),
        NEEDS_OPERATOR,
        name,
      )
    await page.getByRole('link', { name: 'Animations', exact: true }).click()
    for (const name of ['Cancel: Words of ani_1', 'Delete: Words of ani_failed'])
      t.ok(await page.getByRole('button', { name }).isDisabled(), name)
  })

  t.test('loading, failing; narrow and dark, in other languages', async (t) => {
    const failing = newWorld(FULL)
    failing.answer = () => ({ status: 500, body: problem('INTERNAL', 'It broke.') })
    const tab = await open(t, failing, '/orders')
    tab.expectErrors(500)
    await tab.page.getByRole('link', { name: 'Media', exact: true }).click()
    await tab.page.getByRole('alert').getByText('It broke.').first().waitFor()
    delete failing.answer
    await tab.page.getByRole('button', { name: 'Try again' }).last().click()
    await tab.page.getByRole('list', { name: 'Photos and videos, newest first' }).waitFor()
    // Each begins by a link from outside.
    for (const [locale, colorScheme, link] of [
      ['ru-RU', 'dark', '/media?file=med_4'],
      ['de-DE', 'light', '/media/animations?animation=ani_failed'],
      ['en-GB', 'dark', '/media/animations'],
    ] as const) {
      const narrow = await open(t, newWorld(FULL), link, { width: 390, colorScheme, locale })
      await narrow.page
        .getByRole(link.includes('?') ? 'dialog' : 'list')
        .first()
        .waitFor()
      for (const path of [
        '/media',
        '/media?file=med_4',
        '/media/animations',
        '/media/animations?animation=ani_failed',
      ]) {
        const name = `${path.replaceAll(/\W+/g, '-')}-${locale}`
        await narrow.visit(path)
        // The picture that stands for a video is none.
        await narrow.page
          .getByRole(path.includes('?') ? 'dialog' : 'list')
          .first()
          .waitFor()
        t.equal(await overflow(narrow.page), 0, name)
        // The others are what Russian is, of their structure, with other words; light colours are seen wide, above.
        if (locale === 'ru-RU') t.same(await axe(narrow.page), [], name)
        await shoot(narrow.page, `${name}-390`)
      }
      await narrow.close()
    }
  })
})
