// Frames of drachtio's protocol as they passed between us and a drachtio-server, and how they are kept: one JSON line
// each. Ids are numbered and the far side has one address, so that a new recording differs only where the server does.

export interface Frame {
  readonly from: 'app' | 'server'
  /** Whole, without the length. */
  readonly text: string
}

export const FAR = { host: '127.0.0.1', port: 5090 } as const
export const SERVER = { host: '127.0.0.1', port: 5080 } as const

/** Splits what came over one direction; what is not whole yet stays. */
export class FrameSplitter {
  #heard = Buffer.alloc(0)

  take(bytes: Buffer): string[] {
    this.#heard = Buffer.concat([this.#heard, bytes])
    const frames: string[] = []
    for (let mark = this.#heard.indexOf('#'); mark > 0; mark = this.#heard.indexOf('#')) {
      const end = mark + 1 + Number(this.#heard.toString('latin1', 0, mark))
      if (this.#heard.length < end) break
      frames.push(this.#heard.toString('utf8', mark + 1, end))
      this.#heard = this.#heard.subarray(end)
    }
    return frames
  }
}

export const encode = (text: string): string => `${Buffer.byteLength(text)}#${text}`

/** What a frame of ours is: enough to tell it from the others of an exchange, whatever order they come in. */
export function kindOf(text: string): string {
  const [leader = '', start = ''] = text.split('\r\n')
  const [, verb = '', first = ''] = leader.split('|')
  if (verb === 'route') return `route ${first}`
  if (verb !== 'sip') return verb
  const [one = '', two = ''] = start.split(' ')
  const cseq = /^cseq: *(\d+ \w+)/im.exec(text)?.[1] ?? ''
  return one.startsWith('SIP/') ? `${two} response` : `${one} ${cseq}`.trim()
}
