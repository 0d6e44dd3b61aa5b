// A control API for calls of Twilio in its own process, to be killed in the middle of them. Started by the crash tests.
import type { TwilioConfig } from '../../core/config/index.ts'
import { buildApp, type AppOwner } from './build-app.ts'

const [dataDir, twilio] = process.argv.slice(2)
if (dataDir === undefined || twilio === undefined)
  throw new Error('usage: twilio-child.ts DATA_DIR TWILIO_CONFIG')
const owner = { teardown: () => undefined, error: () => false } as unknown as AppOwner
const app = await buildApp(owner, {
  dataDir,
  config: {
    publicUrl: 'https://voice.example.com',
    twilio: JSON.parse(twilio) as TwilioConfig,
    ivr: {
      company: 'Muster GmbH',
      website: undefined,
      voiceName: undefined,
      languages: [],
      orderPattern: '[0-9]{4,12}',
      onRefusal: 'end',
      human: null,
    },
    // A restart asks at once what became of calls: here it must not be needed.
    twilioTiming: { lookUp: { everyMs: 60_000, searchMs: [] } },
  },
})
process.stdout.write(`${app.url}\n`)
