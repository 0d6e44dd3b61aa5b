// Concealment beside plain silence in figures: recorded speech, random and bursty loss of 20 ms packets.
import t from 'tap'
import { Concealer } from '../../../bridge/audio/concealer.ts'
import {
  FRAME_BYTES,
  TELEPHONE_CODECS,
  type TelephoneCodec,
} from '../../../core/contracts/index.ts'
import { silentFrame } from '../../../bridge/audio/silence.ts'
import { decodeLine, lineSpeech } from '../../support/line-audio.ts'
import { burstyLoss, randomLoss } from '../../support/packet-loss.ts'
import { envelopeDistanceDb, loudness, loudnessDistance } from '../../support/speech-quality.ts'

const RECORDINGS = ['agent-reply', 'agent-greeting', 'caller-question', 'caller-hello'] as const
/** The same losses each time; several of each kind, since where a loss falls matters more than how many there are. */
const SEEDS = [1, 2, 3, 4, 5]
const BURST = 3

interface Kind {
  readonly name: string
  readonly lose: (packets: number, share: number, seed: number) => boolean[]
  /** How much of plain silence's distance may be left, by the ear's measure and by the envelope's. */
  readonly margin: { readonly distortion: number; readonly envelope: number }
}

const KINDS: readonly Kind[] = [
  {
    name: 'random loss',
    lose: randomLoss,
    margin: { distortion: 0.6, envelope: 0.5 },
  },
  {
    // Beyond 60 ms there is nothing to make up, and both are silent.
    name: `bursts of ${BURST} packets on average`,
    lose: (packets, share, seed) => burstyLoss(packets, share, BURST, seed),
    margin: { distortion: 0.85, envelope: 0.8 },
  },
]

function receive(packets: readonly Uint8Array[], lost: readonly boolean[], codec: TelephoneCodec) {
  const concealer = new Concealer(codec)
  const concealed = packets.map((packet, at) =>
    Uint8Array.from(lost[at] === true ? concealer.conceal(FRAME_BYTES) : concealer.heard(packet)),
  )
  const silent = packets.map((packet, at) => (lost[at] === true ? silentFrame(codec) : packet))
  return {
    concealed: decodeLine(Buffer.concat(concealed), codec),
    silent: decodeLine(Buffer.concat(silent), codec),
  }
}

for (const codec of TELEPHONE_CODECS) {
  const line = Buffer.concat(RECORDINGS.map((name) => lineSpeech(name, codec)))
  const packets = Array.from({ length: Math.floor(line.length / FRAME_BYTES) }, (_, at) =>
    line.subarray(at * FRAME_BYTES, (at + 1) * FRAME_BYTES),
  )
  const said = decodeLine(Buffer.concat(packets), codec)
  const sounds = loudness(said, 8000)

  for (const { name, lose, margin } of KINDS) {
    // The laws differ by a hair: one share is enough for the second.
    for (const share of codec === 'PCMU' ? [0.01, 0.05, 0.1, 0.2] : [0.1]) {
      t.test(`${codec}: ${name}, ${share * 100} %: better than silence`, async (t) => {
        const sum = { lost: 0, concealed: 0, silent: 0, concealedDb: 0, silentDb: 0 }
        for (const seed of SEEDS) {
          const lost = lose(packets.length, share, seed + share * 1000)
          const { concealed, silent } = receive(packets, lost, codec)
          sum.lost += lost.filter(Boolean).length / lost.length / SEEDS.length
          sum.concealed += loudnessDistance(sounds, loudness(concealed, 8000)) / SEEDS.length
          sum.silent += loudnessDistance(sounds, loudness(silent, 8000)) / SEEDS.length
          sum.concealedDb += envelopeDistanceDb(said, concealed) / SEEDS.length
          sum.silentDb += envelopeDistanceDb(said, silent) / SEEDS.length
        }
        const distortion = sum.concealed / sum.silent
        const envelope = sum.concealedDb / sum.silentDb
        t.comment(
          `${(sum.lost * 100).toFixed(1)} % lost: distortion ${sum.concealed.toFixed(4)}, silence ${sum.silent.toFixed(4)}` +
            ` (${distortion.toFixed(2)}); envelope ${sum.concealedDb.toFixed(2)} dB, silence ${sum.silentDb.toFixed(2)} dB` +
            ` (${envelope.toFixed(2)})`,
        )
        t.ok(distortion < margin.distortion, 'to the ear')
        t.ok(envelope < margin.envelope, 'by its envelope')
      })
    }
  }
}
