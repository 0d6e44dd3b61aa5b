// A name server on loopback (RFC 1035 over UDP, SRV by RFC 2782): knows what the test tells it and counts what it is asked.
import { createSocket, type RemoteInfo, type Socket } from 'node:dgram'
import { isIPv4 } from 'node:net'

const TYPES = { A: 1, AAAA: 28, SRV: 33 } as const
type Type = keyof typeof TYPES

const AUTHORITATIVE_ANSWER = 0x8400
const SERVFAIL = 2
const NXDOMAIN = 3

export interface StubSrv {
  readonly target: string
  readonly port?: number
  readonly priority?: number
  readonly weight?: number
}

/** `silent`: nothing comes back. A number: the answer comes so many milliseconds late. */
type Mood = 'silent' | 'servfail' | number

export class StubDns {
  /** `SRV _sip._udp.example.com`, in the order they came. */
  readonly asked: string[] = []
  readonly #records = new Map<string, { ttl: number; data: Buffer[] }>()
  readonly #moods = new Map<string, Mood>()
  readonly #socket: Socket
  readonly #late = new Set<NodeJS.Timeout>()

  private constructor(socket: Socket) {
    this.#socket = socket
    socket.on('message', (query, from) => this.#onQuery(query, from))
  }

  static async open(t: { teardown: (run: () => unknown) => unknown }): Promise<StubDns> {
    const socket = createSocket('udp4')
    await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve))
    const dns = new StubDns(socket)
    t.teardown(() => dns.#close())
    return dns
  }

  /** As `setServers` wants it. */
  get hostPort(): string {
    return `127.0.0.1:${this.#socket.address().port}`
  }

  addresses(name: string, addresses: readonly string[], ttl = 60): this {
    const four = addresses.filter(isIPv4)
    const six = addresses.filter((address) => !isIPv4(address))
    if (four.length > 0) this.#set('A', name, four.map(encodeAddress4), ttl)
    if (six.length > 0) this.#set('AAAA', name, six.map(encodeAddress6), ttl)
    return this
  }

  srv(name: string, targets: readonly StubSrv[], ttl = 60): this {
    return this.#set('SRV', name, targets.map(encodeSrv), ttl)
  }

  forget(type: Type, name: string): this {
    this.#records.delete(`${type} ${name}`)
    return this
  }

  mood(type: Type, name: string, mood: Mood): this {
    this.#moods.set(`${type} ${name}`, mood)
    return this
  }

  count(type: Type, name: string): number {
    return this.asked.filter((question) => question === `${type} ${name}`).length
  }

  #set(type: Type, name: string, data: Buffer[], ttl: number): this {
    this.#records.set(`${type} ${name}`, { ttl, data })
    return this
  }

  #onQuery(query: Buffer, from: RemoteInfo): void {
    const { name, end } = decodeName(query, 12)
    const type = query.readUInt16BE(end)
    const key = `${Object.entries(TYPES).find(([, code]) => code === type)?.[0] ?? type} ${name}`
    this.asked.push(key)
    const mood = this.#moods.get(key)
    if (mood === 'silent') return
    const records = mood === 'servfail' ? undefined : this.#records.get(key)
    const known = [...this.#records.keys()].some((other) => other.endsWith(` ${name}`))
    const code = mood === 'servfail' ? SERVFAIL : known ? 0 : NXDOMAIN
    const answers = (records?.data ?? []).map((data) => encodeRecord(type, records?.ttl ?? 0, data))
    const header = Buffer.from(query.subarray(0, 12))
    header.writeUInt16BE(AUTHORITATIVE_ANSWER | (header.readUInt16BE(2) & 0x0100) | code, 2)
    header.writeUInt16BE(answers.length, 6)
    header.writeUInt32BE(0, 8)
    // The question is repeated; its name is what the answers point to.
    const answer = Buffer.concat([header, query.subarray(12, end + 4), ...answers])
    const send = (): void => this.#socket.send(answer, from.port, from.address)
    if (typeof mood === 'number') this.#late.add(setTimeout(send, mood))
    else send()
  }

  #close(): Promise<void> {
    for (const timer of this.#late) clearTimeout(timer)
    return new Promise((resolve) => this.#socket.close(() => resolve()))
  }
}

function decodeName(message: Buffer, start: number): { name: string; end: number } {
  const labels: string[] = []
  let at = start
  for (let length = message[at]!; length > 0; length = message[at]!) {
    labels.push(message.toString('latin1', at + 1, at + 1 + length))
    at += length + 1
  }
  return { name: labels.join('.').toLowerCase(), end: at + 1 }
}

/** "." is the root: no label at all. */
const encodeName = (name: string): Buffer =>
  Buffer.concat([
    ...name
      .split('.')
      .filter((label) => label !== '')
      .map((label) => Buffer.from([label.length, ...Buffer.from(label, 'latin1')])),
    Buffer.from([0]),
  ])

function encodeRecord(type: number, ttl: number, data: Buffer): Buffer {
  const head = Buffer.alloc(12)
  head.writeUInt16BE(0xc00c, 0)
  head.writeUInt16BE(type, 2)
  head.writeUInt16BE(1, 4)
  head.writeUInt32BE(ttl, 6)
  head.writeUInt16BE(data.length, 10)
  return Buffer.concat([head, data])
}

const encodeAddress4 = (address: string): Buffer => Buffer.from(address.split('.').map(Number))

/** One `::` at most; no dotted quad at the end. */
function encodeAddress6(address: string): Buffer {
  const groups = (text: string): number[] =>
    text === '' ? [] : text.split(':').map((group) => parseInt(group, 16))
  const [before = '', after = ''] = address.split('::')
  const head = groups(before)
  const tail = groups(after)
  const all = [...head, ...new Array<number>(8 - head.length - tail.length).fill(0), ...tail]
  return Buffer.from(all.flatMap((group) => [group >> 8, group & 0xff]))
}

function encodeSrv({ target, port = 5060, priority = 0, weight = 0 }: StubSrv): Buffer {
  const head = Buffer.alloc(6)
  head.writeUInt16BE(priority, 0)
  head.writeUInt16BE(weight, 2)
  head.writeUInt16BE(port, 4)
  return Buffer.concat([head, encodeName(target)])
}
