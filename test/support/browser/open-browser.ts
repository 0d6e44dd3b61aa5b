// Debian's Chromium, headless, with a new profile: one a test file, since a start takes a second.
import { existsSync } from 'node:fs'
import { chromium, type Browser } from 'playwright-core'
import type { Scope } from './scope.ts'

export const CHROMIUM = '/usr/bin/chromium'
const START_MS = 30_000
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--allow-loopback-in-peer-connection',
  '--autoplay-policy=no-user-gesture-required',
  // Whatever a page asks for elsewhere is told of, and never leaves this machine.
  '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost',
]

/** Options of a test that needs a browser: skipped by name where there is none. */
export const needsBrowser = (): { readonly skip?: string } =>
  existsSync(CHROMIUM) ? {} : { skip: 'chromium is not installed (apt-get install chromium)' }

/** Closed with the test. Its profile is in a temporary folder and goes away with it. */
export async function openBrowser(t: Scope): Promise<Browser> {
  const browser = await chromium.launch({
    executablePath: CHROMIUM,
    args: FLAGS,
    timeout: START_MS,
    // The test run ends by itself; signals are its own business.
    handleSIGINT: false,
    handleSIGTERM: false,
    handleSIGHUP: false,
  })
  t.teardown(() => browser.close())
  return browser
}
