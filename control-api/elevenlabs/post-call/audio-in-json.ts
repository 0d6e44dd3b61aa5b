// Takes the sound out of a webhook's JSON as it comes in: `full_audio` is base64 of a whole call's MP3, some ten
// megabytes, and never all in memory. What is left is the same JSON with an empty text in its place.

/** What is written so that nobody can read it in another way: pieces come as they like, even of one letter. */
const QUOTE = 0x22
const BACKSLASH = 0x5c
const COLON = 0x3a
const SPACES = new Set([0x20, 0x09, 0x0a, 0x0d])
const AUDIO_KEY = 'full_audio'

type Mode = 'between' | 'text' | 'audio'

export class AudioInJson {
  readonly #onAudio: (bytes: Buffer) => Promise<void>
  readonly #maxTextBytes: number
  readonly #pieces: Buffer[] = []
  #textBytes = 0
  #mode: Mode = 'between'
  #escaped = false
  /** The last text, as far as it could be the key; undefined when it cannot. */
  #lastText: string | undefined
  #isValueNext = false
  /** Base64 that makes no whole bytes yet. */
  #carry = ''

  /** @param onAudio awaited: the sender waits for the disk */
  constructor(onAudio: (bytes: Buffer) => Promise<void>, maxTextBytes: number) {
    this.#onAudio = onAudio
    this.#maxTextBytes = maxTextBytes
  }

  /** False: the rest is too large. */
  async write(piece: Buffer): Promise<boolean> {
    let from = 0
    while (from < piece.length) {
      from = this.#mode === 'audio' ? await this.#readAudio(piece, from) : this.#read(piece, from)
    }
    return this.#textBytes <= this.#maxTextBytes
  }

  /** The JSON without its sound. */
  async end(): Promise<string> {
    await this.#decode('', true)
    return Buffer.concat(this.#pieces).toString()
  }

  /** Up to the end of the piece, or to where the sound begins. */
  #read(piece: Buffer, from: number): number {
    let at = from
    while (at < piece.length && this.#mode !== 'audio') {
      const byte = piece[at] ?? 0
      if (this.#mode === 'text') this.#inText(byte)
      else this.#between(byte)
      at += 1
    }
    this.#textBytes += at - from
    if (this.#textBytes <= this.#maxTextBytes) this.#pieces.push(piece.subarray(from, at))
    return at
  }

  #inText(byte: number): void {
    if (this.#escaped) {
      this.#escaped = false
      this.#lastText = undefined
    } else if (byte === BACKSLASH) this.#escaped = true
    else if (byte === QUOTE) this.#mode = 'between'
    else if (this.#lastText !== undefined) {
      const text = this.#lastText + String.fromCharCode(byte)
      this.#lastText = AUDIO_KEY.startsWith(text) ? text : undefined
    }
  }

  #between(byte: number): void {
    if (SPACES.has(byte)) return
    if (byte === QUOTE) {
      this.#mode = this.#isValueNext ? 'audio' : 'text'
      this.#isValueNext = false
      this.#lastText = ''
      return
    }
    this.#isValueNext = byte === COLON && this.#lastText === AUDIO_KEY
    this.#lastText = undefined
  }

  async #readAudio(piece: Buffer, from: number): Promise<number> {
    const quote = piece.indexOf(QUOTE, from)
    const to = quote < 0 ? piece.length : quote
    // Some writers of JSON put a backslash before each slash.
    await this.#decode(piece.toString('latin1', from, to).replaceAll('\\', ''), quote >= 0)
    if (quote >= 0) this.#mode = 'text' // Whose end this quote is.
    return to
  }

  async #decode(base64: string, isLast: boolean): Promise<void> {
    const all = this.#carry + base64
    const whole = isLast ? all.length : all.length - (all.length % 4)
    this.#carry = all.slice(whole)
    if (whole > 0) await this.#onAudio(Buffer.from(all.slice(0, whole), 'base64'))
  }
}
