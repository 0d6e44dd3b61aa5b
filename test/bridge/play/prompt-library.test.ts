// Prompts as telephone audio: every encoding, what is wrong said clearly, and each thing fetched once.
import t from 'tap'
import { mkdirSync, utimesSync, writeFileSync } from 'node:fs'
import { g711 } from '../../../bridge/audio/g711.ts'
import { createPromptLibrary } from '../../../bridge/play/prompt-library.ts'
import type { SpeechRequest, SpeechSource } from '../../../core/contracts/index.ts'
import { AppError } from '../../../core/errors/index.ts'
import { longestTurnMs } from '../../support/processor-time.ts'

const AMPLITUDE = 16_000
const HZ = 440

interface Shape {
  readonly tag?: number
  readonly bits?: number
  readonly rate?: number
  readonly channels?: number
  readonly seconds?: number
}

/** A WAV file of a tone, with a chunk of other things before its audio. */
function wavFile(shape: Shape = {}): Buffer {
  const { tag = 1, bits = 16, rate = 8000, channels = 1, seconds = 0.5 } = shape
  const frames = Math.round(rate * seconds)
  const frameBytes = channels * (bits / 8)
  const data = Buffer.alloc(frames * frameBytes)
  for (let frame = 0; frame < frames; frame += 1) {
    for (let channel = 0; channel < channels; channel += 1) {
      const sample = Math.round(AMPLITUDE * Math.sin((2 * Math.PI * HZ * frame) / rate))
      const at = frame * frameBytes + channel * (bits / 8)
      if (bits === 16) data.writeInt16LE(sample, at)
      else if (bits === 8) data[at] = g711(tag === 6 ? 'PCMA' : 'PCMU').encode(sample)
    }
  }
  const format = Buffer.alloc(16)
  format.writeUInt16LE(tag, 0)
  format.writeUInt16LE(channels, 2)
  format.writeUInt32LE(rate, 4)
  format.writeUInt32LE(rate * frameBytes, 8)
  format.writeUInt16LE(frameBytes, 12)
  format.writeUInt16LE(bits, 14)
  return riff(chunk('fmt ', format), chunk('LIST', Buffer.from('odd')), chunk('data', data))
}

function chunk(name: string, body: Buffer): Buffer {
  const header = Buffer.alloc(8)
  header.write(name)
  header.writeUInt32LE(body.length, 4)
  return Buffer.concat([header, body, Buffer.alloc(body.length % 2)])
}

const riff = (...chunks: Buffer[]): Buffer =>
  chunk('RIFF', Buffer.concat([Buffer.from('WAVE'), ...chunks]))

/** How far the audio is from the tone it should be, in decibels below the tone. */
function errorDb(ulaw: Uint8Array): number {
  const { decode } = g711('PCMU')
  let signal = 0
  let noise = 0
  for (let at = 80; at < ulaw.length - 80; at += 1) {
    const expected = AMPLITUDE * Math.sin((2 * Math.PI * HZ * at) / 8000)
    signal += expected ** 2
    noise += ((decode[ulaw[at] ?? 0] ?? 0) - expected) ** 2
  }
  return 10 * Math.log10(noise / signal)
}

const library = () => createPromptLibrary(undefined)

t.test('every encoding and rate comes out as the same tone, in place and in full', async (t) => {
  const shapes: Shape[] = [
    ...[8000, 11_025, 12_000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000].map((rate) => ({
      rate,
    })),
    { rate: 16_000, channels: 2 },
    { rate: 44_100, channels: 2 },
    { tag: 7, bits: 8 },
    { tag: 6, bits: 8 },
    { tag: 7, bits: 8, channels: 2 },
    { tag: 6, bits: 8, rate: 16_000 },
  ]
  for (const shape of shapes) {
    const path = `${t.testdir({ 'prompt.wav': wavFile(shape) })}/prompt.wav`
    const ulaw = await library().load({ kind: 'file', path })
    const frames = Math.round((shape.rate ?? 8000) * 0.5)
    t.equal(ulaw.length, Math.ceil((frames * 8000) / (shape.rate ?? 8000)), JSON.stringify(shape))
    const off = errorDb(ulaw)
    t.ok(off < -34, 'G.711 alone is at −38 dB', { shape, off })
  }
})

t.test('µ-law is passed through byte for byte', async (t) => {
  const ulaw = Buffer.from(Array.from({ length: 256 }, (_, index) => index))
  const format = Buffer.from('070001 0040 1f0000 401f0000 01000800'.replaceAll(' ', ''), 'hex')
  format.writeUInt16LE(7, 0)
  format.writeUInt16LE(1, 2)
  format.writeUInt32LE(8000, 4)
  const path = `${t.testdir({ 'p.wav': riff(chunk('fmt ', format.subarray(0, 16)), chunk('data', ulaw)) })}/p.wav`
  t.same(Buffer.from(await library().load({ kind: 'file', path })), ulaw)
})

t.test('an extensible header, and a length that was never filled in', async (t) => {
  const plain = wavFile()
  const extensible = Buffer.alloc(40)
  plain.copy(extensible, 0, 20, 36)
  extensible.writeUInt16LE(0xfffe, 0)
  extensible.writeUInt16LE(22, 16)
  extensible.writeUInt16LE(1, 24)
  const data = plain.subarray(plain.length - 8000)
  const streamed = riff(chunk('fmt ', extensible), chunk('data', data))
  for (const length of [0, 0xffff_ffff, 8000]) {
    streamed.writeUInt32LE(length, streamed.length - 8004)
    const path = `${t.testdir({ 'p.wav': streamed })}/p.wav`
    const ulaw = await library().load({ kind: 'file', path })
    t.equal(ulaw.length, 4000)
    t.ok(errorDb(ulaw) < -34)
  }
})

t.test('what cannot be played is named', async (t) => {
  const cut = wavFile()
  const noAudio = wavFile({ seconds: 0 })
  const files: [string, Buffer, RegExp][] = [
    ['text.wav', Buffer.from('hello'), /text\.wav is no WAV file/],
    ['empty.wav', Buffer.alloc(0), /is no WAV file/],
    ['mp3.wav', Buffer.from('ID3 and so on, for quite a while'), /is no WAV file/],
    ['deep.wav', wavFile({ bits: 24 }), /is neither 16-bit PCM nor G\.711/],
    ['float.wav', wavFile({ tag: 3, bits: 32 }), /is neither 16-bit PCM nor G\.711/],
    ['four.wav', wavFile({ channels: 4 }), /has 4 channels, not 1 or 2/],
    ['odd.wav', wavFile({ rate: 44_056 }), /has 44056 samples a second, not 8000, 11025/],
    ['slow.wav', wavFile({ rate: 4000 }), /has 4000 samples a second/],
    ['none.wav', noAudio, /has no audio in it/],
    ['head.wav', cut.subarray(0, 36), /has no audio in it/],
    ['format.wav', cut.subarray(0, 30), /has a damaged format/],
    ['order.wav', riff(chunk('data', Buffer.alloc(8))), /has no format before its audio/],
    ['long.wav', wavFile({ tag: 7, bits: 8, seconds: 301 }), /is longer than five minutes/],
    ['large.wav', Buffer.alloc(16 * 1024 * 1024 + 1), /is larger than 16 MB/],
  ]
  const folder = t.testdir({})
  for (const [name, bytes, says] of files) {
    writeFileSync(`${folder}/${name}`, bytes)
    await t.rejects(
      library().load({ kind: 'file', path: `${folder}/${name}` }),
      { code: 'PROMPT_UNAVAILABLE', message: says },
      name,
    )
  }
  mkdirSync(`${folder}/folder.wav`)
  const load = (name: string) => library().load({ kind: 'file', path: `${folder}/${name}` })
  await t.rejects(load('folder.wav'), { message: /is no file/ })
  await t.rejects(load('nowhere.wav'), { code: 'PROMPT_UNAVAILABLE', message: /does not exist/ })
})

t.test('rubbish is refused, never thrown about', async (t) => {
  const whole = wavFile({ seconds: 0.01 })
  const folder = t.testdir({})
  let played = 0
  for (let round = 0; round < 400; round += 1) {
    const broken = Buffer.from(whole)
    for (let hit = 0; hit < 3; hit += 1)
      broken[(round * 7919 + hit * 104_729) % 48] = (round * 31 + hit * 17) & 0xff
    const path = `${folder}/broken.wav`
    writeFileSync(path, broken.subarray(0, 12 + ((round * 13) % (whole.length - 12))))
    await library()
      .load({ kind: 'file', path })
      .then(() => (played += 1))
      .catch((error: unknown) => {
        if (!(error instanceof AppError) || error.code !== 'PROMPT_UNAVAILABLE') throw error
      })
  }
  t.ok(played > 0 && played < 400, 'some are still audio', { played })
})

t.test('a file is read once until it changes', async (t) => {
  const folder = t.testdir({ 'p.wav': wavFile() })
  const path = `${folder}/p.wav`
  const prompts = library()
  const [one, two] = await Promise.all([
    prompts.load({ kind: 'file', path }),
    prompts.load({ kind: 'file', path }),
  ])
  t.equal(one, two, 'the same bytes')
  t.equal(await prompts.load({ kind: 'file', path }), one)
  writeFileSync(path, wavFile({ seconds: 1 }))
  t.equal((await prompts.load({ kind: 'file', path })).length, 8000)
  writeFileSync(path, wavFile({ seconds: 1, channels: 2 }))
  utimesSync(path, new Date(), new Date(Date.now() + 5000))
  t.not(await prompts.load({ kind: 'file', path }), one)
})

function speaker(speak: (request: SpeechRequest) => Promise<Uint8Array>) {
  const asked: SpeechRequest[] = []
  const speech: SpeechSource = {
    speak: (request) => {
      asked.push(request)
      return speak(request)
    },
  }
  return { asked, speech }
}

t.test('words are asked for once, also by many at the same time', async (t) => {
  const { asked, speech } = speaker(() => Promise.resolve(new Uint8Array(800).fill(7)))
  const prompts = createPromptLibrary(speech)
  await prompts.prepare({ kind: 'speech', text: 'Hello' })
  const loads = Array.from({ length: 20 }, () => prompts.load({ kind: 'speech', text: 'Hi' }))
  const all = await Promise.all(loads)
  t.equal(new Set(all).size, 1)
  await prompts.load({ kind: 'speech', text: 'Hello' })
  await prompts.load({ kind: 'speech', text: 'Hello', language: 'en' })
  t.same(asked, [{ text: 'Hello' }, { text: 'Hi' }, { text: 'Hello', language: 'en' }])
})

t.test('a failure is told to all who wait, and not kept', async (t) => {
  let fails = true
  const { asked, speech } = speaker(() =>
    fails
      ? Promise.reject(new AppError('SPEECH_UNAVAILABLE', 'the vendor answered 401'))
      : Promise.resolve(new Uint8Array(8)),
  )
  const prompts = createPromptLibrary(speech)
  const load = () => prompts.load({ kind: 'speech', text: 'Hello' })
  const told = { code: 'PROMPT_UNAVAILABLE', message: 'the vendor answered 401' }
  await Promise.all([t.rejects(load(), told), t.rejects(load(), told)])
  t.equal(asked.length, 1)
  fails = false
  t.equal((await load()).length, 8)
})

t.test('words that cannot be spoken are named', async (t) => {
  const say = (text: string, prompts = library()) => prompts.load({ kind: 'speech', text })
  await t.rejects(say('Hello'), {
    code: 'PROMPT_UNAVAILABLE',
    message: /ELEVENLABS_API_KEY is needed/,
  })
  const { speech } = speaker(({ text }) => Promise.resolve(new Uint8Array(Number(text))))
  const prompts = createPromptLibrary(speech)
  await t.rejects(say(' ', prompts), { message: /no words/ })
  await t.rejects(say('x'.repeat(2001), prompts), { message: /longer than 2000/ })
  await t.rejects(say('0', prompts), { message: /spoken as nothing/ })
  await t.rejects(say('2400001', prompts), { message: /longer than five minutes/ })
})

t.test('what is kept is bounded: what was not used for longest goes', async (t) => {
  const { asked, speech } = speaker(() => Promise.resolve(new Uint8Array(1000)))
  const prompts = createPromptLibrary(speech, 3000)
  const say = (text: string) => prompts.load({ kind: 'speech', text })
  for (const text of ['a', 'b', 'c', 'a', 'd', 'a', 'c']) await say(text)
  t.equal(asked.length, 4)
  await say('b')
  t.equal(asked.length, 5, 'it was the oldest')
})

t.test('five minutes of the highest rate hold up nobody', async (t) => {
  const path = `${t.testdir({ 'long.wav': wavFile({ rate: 24_000, seconds: 299 }) })}/long.wav`
  const loading = library().load({ kind: 'file', path })
  const longestMs = await longestTurnMs(loading)
  t.equal((await loading).length, 299 * 8000)
  t.comment(`the longest turn took ${longestMs.toFixed(1)} ms`)
  t.ok(longestMs < 100, 'in short turns', { longestMs })
})
