// Debian's Chromium, headless, with a new profile: one a test file, since a start takes a second.
import { existsSync } from 'node:fs'
import { chromium, type Browser } from 'playwright-core'
import type { Scope } from './scope.ts'

/**
 * The first that is installed. The shell draws no window: each fresh context of the whole browser opens one, with two
 * processes for what stands around the page, and half of the processor time of a test went there.
 */
const CHROMIUMS = ['/usr/lib/chromium/chromium-headless-shell', '/usr/bin/chromium'] as const
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

/** Its path, where there is one. */
export const installedBrowser = (): string | undefined => CHROMIUMS.find((path) => existsSync(path))

/** Options of a test that needs a browser: skipped by name where there is none. */
export const needsBrowser = (): { readonly skip?: string } =>
  installedBrowser() === undefined
    ? { skip: 'chromium is not installed (apt-get install chromium-headless-shell)' }
    : {}

/** Closed with the test. Its profile is in a temporary folder and goes away with it. */
export async function openBrowser(t: Scope): Promise<Browser> {
  const executablePath = installedBrowser()
  const browser = await chromium.launch({
    ...(executablePath === undefined ? {} : { executablePath }),
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
