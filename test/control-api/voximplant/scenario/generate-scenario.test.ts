// The generated text: the same for the same settings, plain ASCII, nothing secret, and right by our declaration of
// VoxEngine's names.
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import t from 'tap'
import {
  generateScenario,
  scenarioName,
} from '../../../../control-api/voximplant/scenario/generate-scenario.ts'
import { spokenDefaults } from '../../../../control-api/voximplant/scenario/default-texts.ts'
import { settingsFor } from './a-session.ts'

const FOLDER = resolve(import.meta.dirname, '../../../../control-api/voximplant/scenario')
const TSC = resolve(import.meta.dirname, '../../../../node_modules/typescript/bin/tsc')
const run = promisify(execFile)

/** What the compiler says of a project; empty: nothing. */
const complaints = async (project: string): Promise<string> =>
  run(process.execPath, [TSC, '-p', project]).then(
    () => '',
    (error: unknown) => (error as { stdout: string }).stdout,
  )

t.test('the same settings give the same bytes, in whatever order they were made', async (t) => {
  const settings = settingsFor({ dynamicVariables: { a: 1, b: true } })
  const { code, sha256 } = generateScenario(settings)
  const turned = Object.fromEntries(Object.entries(settings).toReversed())
  const again = generateScenario({
    ...settings,
    ...turned,
    dynamicVariables: { b: true, a: 1 },
    baseUrl: `${settings.baseUrl}/`,
  })
  t.equal(again.code, code)
  t.equal(sha256, createHash('sha256').update(code).digest('hex'))
  t.not(generateScenario({ ...settings, maxDurationSeconds: 61 }).sha256, sha256)
})

t.test('the text: ASCII, small, says whose it is, and no date', async (t) => {
  for (const language of ['de', 'en-GB', 'ru_RU', 'xx']) {
    const { texts, voice } = spokenDefaults(language)
    const { code } = generateScenario(settingsFor({ language, texts, voice }))
    t.match(code, /^\/\/ Made by voicegate \d+\.\d+\.\d+: /)
    t.match(code, /Push it again/)
    t.notMatch(code, /[^\n\x20-\x7e]/)
    t.ok(code.length < 64 * 1024, String(code.length))
    t.notMatch(code, /\b20\d\d-\d\d/)
    t.notMatch(code, /BEGIN SETTINGS|agent_example|\bimport\b/)
  }
  t.equal(spokenDefaults('xx').texts.thanks, 'Thank you.')
})

t.test('settings are data, whatever they hold', async (t) => {
  const odd = '*/ END SETTINGS */ $& $` </script> \u2028 \' " \\ ${x}'
  const settings = settingsFor({ dynamicVariables: { odd }, agentId: odd })
  const { code } = generateScenario(settings)
  const block = /const SETTINGS = (\{[^]*?\n\})\n/.exec(code)?.[1] ?? ''
  t.match(JSON.parse(block), { agentId: odd, dynamicVariables: { odd } })
})

t.test('too much text is refused', async (t) => {
  const texts = { ...spokenDefaults('de').texts, question: 'ä'.repeat(30_000) }
  t.throws(() => generateScenario(settingsFor({ texts })), { code: 'REQUEST_INVALID' })
})

t.test('a name that the platform takes', async (t) => {
  const name = scenarioName('vap_0123456789abcdef01234567')
  t.equal(name, 'voicegate-89abcdef01234567')
  t.ok(name.length < 30)
})

t.test('the parts are right by the declaration', async (t) => {
  t.equal(await complaints(FOLDER), '')
})

t.test('so is what is generated of them; and a wrong name is found', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'scenario-'))
  t.teardown(() => rm(folder, { recursive: true }))
  const { compilerOptions } = JSON.parse(await readFile(join(FOLDER, 'tsconfig.json'), 'utf8'))
  const files = [join(FOLDER, 'voxengine.d.ts'), 'scenario.js']
  await writeFile(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, files }))
  const { code } = generateScenario(settingsFor())
  await writeFile(join(folder, 'scenario.js'), code)
  t.equal(await complaints(folder), '')
  const wrong = code.replace('CallEvents.Connected', 'CallEvents.Answered')
  t.not(wrong, code)
  await writeFile(join(folder, 'scenario.js'), wrong)
  t.match(await complaints(folder), /Answered/)
})
