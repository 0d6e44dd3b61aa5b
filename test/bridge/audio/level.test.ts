// Is somebody speaking? About −45 dBm0, whatever the sound.
import t from 'tap'
import { ComfortNoise } from '../../../bridge/audio/comfort-noise.ts'
import { isLoud } from '../../../bridge/audio/level.ts'
import { silentFrame } from '../../../bridge/audio/silence.ts'
import { TELEPHONE_CODECS } from '../../../core/contracts/index.ts'
import { levelDbm0, loadSpeech } from '../../../simulators/speech/index.ts'
import { encodeLine, lineSpeech } from '../../support/line-audio.ts'
import { sine } from '../../support/spectrum.ts'

/** Amplitude of a sine at 0 dBm0 (ITU-T G.711: full scale, 32124, is +3.17). */
const AMPLITUDE_0_DBM0 = 32_124 / 10 ** (3.17 / 20)

for (const codec of TELEPHONE_CODECS) {
  t.test(`${codec}: tones from 200 to 3400 Hz are heard from −45 dBm0 on`, async (t) => {
    for (let hz = 200; hz <= 3400; hz += 50) {
      const frame = (dbm0: number): Uint8Array =>
        encodeLine(sine(hz, 8000, 160, AMPLITUDE_0_DBM0 * 10 ** (dbm0 / 20)), codec)
      if (!isLoud(frame(-42), codec)) t.fail(`${hz} Hz at −42 dBm0 was not heard`)
      if (isLoud(frame(-48), codec)) t.fail(`${hz} Hz at −48 dBm0 was heard`)
    }
    t.pass('all of them')
  })

  t.test(`${codec}: silence and a quiet line's noise are not loud`, async (t) => {
    t.notOk(isLoud(silentFrame(codec), codec))
    t.notOk(isLoud(new Uint8Array(0), codec))
    const noise = new ComfortNoise(codec)
    noise.setLevel(60)
    for (let at = 0; at < 100; at += 1) t.notOk(isLoud(noise.make(160), codec))
  })

  t.test(`${codec}: a recording's frames, as measured exactly`, async (t) => {
    const ulaw = loadSpeech('caller-question')
    const line = lineSpeech('caller-question', codec)
    let wrong = 0
    let loud = 0
    for (let at = 0; at + 160 <= line.length; at += 160) {
      const level = levelDbm0(ulaw.subarray(at, at + 160))
      const heard = isLoud(line.subarray(at, at + 160), codec)
      if (heard) loud += 1
      if (heard !== level > -45 && Math.abs(level + 45) > 3) wrong += 1
    }
    t.comment(`${loud} of ${Math.floor(line.length / 160)} frames are loud`)
    t.equal(wrong, 0)
    t.ok(loud > 40)
  })
}
