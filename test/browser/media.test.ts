// Media, walked as somebody does who has a photo and words: added, animated by D-ID, watched and sought in, animated by
// HeyGen, stopped, tried again, thrown away; a video of an old camera is converted; what is refused says why.
import type { Locator, Page, Response } from 'playwright-core'
import t, { type Test } from 'tap'
import { axe } from '../support/browser/axe.ts'
import { needsBrowser, openBrowser } from '../support/browser/open-browser.ts'
import { openConsole, type ConsoleTab } from '../support/browser/open-console.ts'
import {
  aviFile,
  needsFfmpeg,
  openSeededMedia,
  photoFile,
} from '../support/browser/seeded-media.ts'
import { shoot } from '../support/browser/shoot.ts'
import { eventually } from '../support/process.ts'

// Real pages, real videos, one after the other; on a busy machine each takes its time.
t.setTimeout(400_000)

const WAIT_MS = 60_000
const needs = { ...needsFfmpeg(), ...needsBrowser() }

const press = (page: Page, name: string | RegExp): Promise<void> =>
  page.getByRole('button', { name, exact: typeof name === 'string' }).click()
const dialog = (page: Page, name: string | RegExp) => page.getByRole('dialog', { name })
/** What is told on top lies over buttons for some seconds. */
async function heard(page: Page, words: string): Promise<void> {
  const told = page.getByRole('alert').filter({ hasText: words })
  await told.getByRole('button').click()
  await told.waitFor({ state: 'hidden' })
}
const give = (page: Page, name: string, buffer: Buffer): Promise<void> =>
  page.locator('input[type=file]').setInputFiles({ name, mimeType: 'image/jpeg', buffer })
const uploadOf = (page: Page, name: string): Locator =>
  page
    .getByRole('list', { name: 'Files on their way' })
    .getByRole('listitem')
    .filter({ hasText: name })

async function ask(page: Page, words: string, provider: 'd-id' | 'heygen'): Promise<void> {
  const asking = dialog(page, 'Animate a photo')
  await asking.getByRole('textbox', { name: 'Words that are spoken' }).fill(words)
  await asking.getByRole('combobox', { name: 'Provider' }).selectOption(provider)
  await asking.getByText('is simulated here: nothing is paid.').waitFor()
  await asking.getByRole('button', { name: 'Animate', exact: true }).click()
  await dialog(page, 'Animation').getByText(words).first().waitFor()
}

const SLOW_BYTES_PER_SECOND = 150_000

/** A line as at home, so that a file takes some seconds. */
async function slowed({ context, page }: ConsoleTab): Promise<{ end(): Promise<void> }> {
  const session = await context.newCDPSession(page)
  const limit = (uploadThroughput: number): Promise<unknown> =>
    session.send('Network.emulateNetworkConditions', {
      offline: false,
      latency: 0,
      downloadThroughput: -1,
      uploadThroughput,
    })
  await session.send('Network.enable')
  await limit(SLOW_BYTES_PER_SECOND)
  return {
    async end() {
      await limit(-1)
      await session.detach()
    },
  }
}

interface Played {
  readonly duration: number
  readonly at: number
  readonly width: number
}

/** In the page. */
const PLAY_AND_SEEK = `(async (element) => {
  const told = (type) => new Promise((resolve) => element.addEventListener(type, resolve, { once: true }))
  element.muted = true
  if (element.readyState === 0) await told('loadedmetadata')
  const moving = told('timeupdate')
  await element.play()
  await moving
  element.pause()
  const { duration } = element
  const sought = told('seeked')
  element.currentTime = duration * 0.8
  await sought
  return { duration, at: element.currentTime, width: element.videoWidth }
})(document.querySelector('video'))`

/** Plays, and goes to where it was not yet. */
async function playAndSeek(t: Test, page: Page, video: Locator): Promise<void> {
  await video.waitFor()
  const fetched: Response[] = []
  const listen = (answer: Response): void => {
    if (/\/(?:content|web)$/.test(new URL(answer.url()).pathname)) fetched.push(answer)
  }
  page.on('response', listen)
  const played = await page.evaluate<Played>(PLAY_AND_SEEK)
  page.off('response', listen)
  t.ok(played.duration > 1, `it is ${played.duration} s long`)
  t.ok(Math.abs(played.at - played.duration * 0.8) < 0.5, 'it is where one went')
  t.ok(played.width > 0, 'it has a picture')
  const address = await video.getAttribute('src')
  const part = await page.request.get(new URL(address ?? '', page.url()).href, {
    headers: { range: 'bytes=100-199' },
  })
  t.equal(part.status(), 206, 'a part of it can be asked for')
  t.match(part.headers()['content-range'], /^bytes 100-199\//)
  for (const answer of fetched) t.equal(answer.status(), 206, 'as the browser does')
}

t.test('media', { ...needs, timeout: 390_000 }, async (t) => {
  const { system, heyGen } = await openSeededMedia(t, { signIn: true })
  const { url, keys } = system
  const browser = await openBrowser(t)
  const open = (t: Test, path: string, more: object = {}): Promise<ConsoleTab> =>
    openConsole(t, { browser, url: `${url}${path}`, key: keys.operator, ...more })

  t.test('a photo is added, animated by D-ID, watched, and sought in', async (t) => {
    const tab = await open(t, '/')
    const { page } = tab
    await page.getByRole('link', { name: 'Media', exact: true }).click()
    await page.getByText('No photo or video yet').waitFor()
    await give(page, 'grandma.jpg', await photoFile())
    await uploadOf(page, 'grandma.jpg').getByText('It is there.').waitFor({ timeout: WAIT_MS })
    await page.getByRole('button', { name: 'Open grandma.jpg' }).waitFor()
    await shoot(page, 'media-photo-added')
    await uploadOf(page, 'grandma.jpg').getByRole('button', { name: 'Animate' }).click()
    await ask(page, 'I remember you well.', 'd-id')
    const shown = dialog(page, 'Animation')
    await shown.getByRole('list', { name: 'Progress' }).waitFor()
    await shoot(page, 'media-animation-under-way')
    const video = shown.locator('video')
    await video.waitFor({ timeout: WAIT_MS })
    await shown.getByRole('status').getByText('done').waitFor()
    await playAndSeek(t, page, video)
    await shown.getByText('sending').first().waitFor()
    await tab.settled()
    t.same(await axe(page), [])
    await shoot(page, 'media-animation-done')
    await shown.getByRole('link', { name: 'To the video' }).click()
    await dialog(page, /./).getByText('made by an animation').waitFor()
  })

  t.test('by HeyGen: stopped, tried again, done, thrown away', async (t) => {
    const tab = await open(t, '/media')
    const { page } = tab
    await press(page, 'Animate grandma.jpg')
    await ask(page, 'Wait for me [fault:never-finishes]', 'heygen')
    await heard(page, 'The animation was asked for.')
    await dialog(page, 'Animation').getByRole('button', { name: 'Close' }).click()
    const row = page
      .getByRole('table', { name: 'Animations, newest first' })
      .locator('tbody tr')
      .filter({ hasText: 'Wait for me' })
    await row.getByText('rendering').waitFor({ timeout: WAIT_MS })
    await shoot(page, 'media-animations-live')
    await row.getByRole('button', { name: /^Cancel/ }).click()
    await dialog(page, 'Cancel').getByText('HeyGen has begun may still be billed').waitFor()
    await dialog(page, 'Cancel').getByRole('button', { name: 'Cancel' }).last().click()
    await row.getByText('canceled').waitFor({ timeout: WAIT_MS })
    await heard(page, 'The animation was canceled.')
    const before = heyGen.jobs.length
    await row.getByRole('button', { name: /^Try again/ }).click()
    await dialog(page, 'Try again').getByRole('button', { name: 'Try again' }).click()
    await heard(page, 'The animation goes on.')
    await eventually('it is submitted again', WAIT_MS, () =>
      Promise.resolve(heyGen.jobs.length > before),
    )
    t.ok(heyGen.finish(heyGen.jobs.at(-1)?.id ?? ''))
    await row.getByRole('button', { name: /^Watch/ }).waitFor({ timeout: WAIT_MS })
    await row.getByRole('button', { name: /^Watch/ }).click()
    await playAndSeek(t, page, dialog(page, 'Animation').locator('video'))
    await dialog(page, 'Animation').getByRole('button', { name: 'Close' }).click()
    await row.getByRole('button', { name: /^Delete/ }).click()
    await dialog(page, 'Delete').getByText('Its photo and its video stay.').waitFor()
    await dialog(page, 'Delete').getByRole('button', { name: 'Delete' }).click()
    await row.waitFor({ state: 'hidden' })
  })

  t.test('what a provider refuses is said in its words, with what to do', async (t) => {
    const { page } = await open(t, '/media')
    await press(page, 'Animate grandma.jpg')
    await ask(page, 'Not these [fault:text-moderation]', 'd-id')
    const shown = dialog(page, 'Animation')
    await shown
      .getByRole('alert')
      .getByText('The provider refuses the content')
      .waitFor({ timeout: WAIT_MS })
    await shoot(page, 'media-animation-refused')
    const cards = page.getByRole('region', { name: 'Providers' })
    await shown.getByRole('button', { name: 'Close' }).click()
    for (const name of ['D-ID', 'HeyGen']) {
      await cards.getByRole('button', { name: `Check the balance at ${name}` }).click()
      await cards.getByRole('region', { name }).getByText('The key works').waitFor()
    }
  })

  t.test('a video of an old camera is seen, converted, and played', async (t) => {
    const tab = await open(t, '/media')
    const { page } = tab
    const slow = await slowed(tab)
    await give(page, 'camera.avi', await aviFile(t, 8))
    await uploadOf(page, 'camera.avi')
      .getByText(/^[1-9]\d?% sent/)
      .waitFor({ timeout: WAIT_MS })
    await press(page, 'Cancel the upload of camera.avi')
    await uploadOf(page, 'camera.avi').getByText('Canceled; nothing of it was kept.').waitFor()
    await slow.end()
    t.equal(await page.getByRole('button', { name: 'Open camera.avi' }).count(), 0)
    await press(page, 'Send camera.avi again')
    await uploadOf(page, 'camera.avi').getByText('It is there.').waitFor({ timeout: WAIT_MS })
    await uploadOf(page, 'camera.avi').getByRole('link', { name: 'Look at camera.avi' }).click()
    const shown = dialog(page, 'camera.avi')
    await shown.getByText('mpeg4', { exact: true }).waitFor()
    await shown.getByText('This browser cannot play the file.').waitFor()
    await shoot(page, 'media-avi')
    await shown.getByRole('button', { name: 'Make it playable everywhere' }).click()
    await shown.getByRole('link', { name: 'Download the MP4' }).waitFor({ timeout: WAIT_MS })
    t.match(await shown.locator('video').getAttribute('src'), /\/web$/)
    await playAndSeek(t, page, shown.locator('video'))
    await tab.settled()
    t.same(await axe(page), [])
    await shown.getByRole('button', { name: 'Delete camera.avi' }).click()
    await dialog(page, 'Delete').getByText('This cannot be undone.').waitFor()
    await dialog(page, 'Delete').getByRole('button', { name: 'Delete', exact: true }).click()
    await page.getByRole('button', { name: 'Open camera.avi' }).waitFor({ state: 'hidden' })
  })

  t.test('what is no photo or video is refused, and says why', async (t) => {
    const tab = await open(t, '/media')
    const { page } = tab
    tab.expectErrors(415, 422)
    await give(page, 'page.jpg', Buffer.from('<!doctype html><title>I am a page</title>'))
    const refused = uploadOf(page, 'page.jpg')
    await refused.getByRole('alert').waitFor({ timeout: WAIT_MS })
    t.match(await refused.innerText(), /Photos are JPEG, PNG or WebP/)
    const whole = await photoFile()
    await give(page, 'half.jpg', whole.subarray(0, whole.length / 2))
    await uploadOf(page, 'half.jpg').getByRole('alert').waitFor({ timeout: WAIT_MS })
    await shoot(page, 'media-refused-really')
    t.same(await axe(page), [])
  })
})
