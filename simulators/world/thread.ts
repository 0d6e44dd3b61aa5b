// The world's thread: a carrier, a Twilio and a Voximplant where the number picks what happens, an agent that converses,
// and a D-ID and a HeyGen that make photos speak.
import { parentPort } from 'node:worker_threads'
import { messageOf } from '#core/errors'
import { runAll } from '#core/lifecycle'
import { DIALLED_BEHAVIOURS, startCarrier } from '#simulators/carrier'
import { startElevenLabs } from '#simulators/elevenlabs'
import { personBehind, startTwilio } from '#simulators/twilio'
import { openAnimationVendors } from './animation-vendors.ts'
import { openVoximplant } from './voximplant-account.ts'
import type { DemoNumber, FromWorld, ToWorld } from './messages.ts'

/** A number of the range Germany keeps for films (Berlin 030 23125…), completed by the two digits that pick a script. */
const DEMO_PREFIX = '+49302312500'

/** Brisk: nobody rehearses to hear a menu out. */
const SAY_MS_PER_CHAR = 5

const tell = (message: FromWorld): void => parentPort?.postMessage(message)

async function open(): Promise<() => Promise<void>> {
  const carrier = await startCarrier()
  const agent = await startElevenLabs()
  const twilio = await startTwilio({ script: personBehind, sayMsPerChar: SAY_MS_PER_CHAR })
  const voximplant = await openVoximplant(agent.wsUrl)
  const animation = await openAnimationVendors()
  const { host, port } = carrier.address
  const demoNumbers: DemoNumber[] = [{ number: `${DEMO_PREFIX}00`, what: 'answers and talks' }]
  for (const { lastDigits, meaning } of DIALLED_BEHAVIOURS)
    demoNumbers.push({ number: `${DEMO_PREFIX}${lastDigits}`, what: meaning })
  const { accountSid, authToken, phoneNumber, baseUrl } = twilio
  const addresses = {
    carrierDomain: `${host}:${port}`,
    agentRestUrl: agent.restUrl,
    agentWsUrl: agent.wsUrl,
    demoNumbers,
    twilio: { accountSid, authToken, phoneNumber, baseUrl },
    voximplant: voximplant.address,
    ...animation.addresses,
  }
  tell({ type: 'ready', addresses })
  const all = [carrier, voximplant, agent, twilio, animation]
  return () => runAll(all.map((one) => () => one.close()))
}

open().then(
  (close) => {
    parentPort?.on('message', (message: ToWorld) => {
      message.type satisfies 'close'
      close().then(
        () => tell({ type: 'closed' }),
        (error: unknown) => tell({ type: 'failed', message: messageOf(error) }),
      )
    })
  },
  (error: unknown) => tell({ type: 'failed', message: messageOf(error) }),
)
