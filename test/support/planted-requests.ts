// Requests that put numbers and keys where none belongs, and what is answered.
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { NUMBERS, planted, SECRETS, WORDS } from './planted.ts'
import type { ProductView } from './product-view.ts'

interface Misuse {
  /** Answers that are errors. */
  readonly refused: number
  readonly leaks: readonly string[]
}

type Asked = readonly [path: string, init?: RequestInit]

const post = (body: unknown, headers: Readonly<Record<string, string>> = {}): RequestInit => ({
  method: 'POST',
  body: typeof body === 'string' ? body : JSON.stringify(body),
  headers: { 'content-type': 'application/json', ...headers },
})

const encoded = encodeURIComponent
const START = '/api/calls/start'
const to = { phone_number: NUMBERS.dialled }

const NUMBERED_PATHS = [
  `/api/calls/${NUMBERS.inPath}`,
  `/api/calls/${encoded(NUMBERS.inPath)}/timeline`,
  `/api/calls/${NUMBERS.inPath.slice(1)}/recording`,
  `/calls/tel:${NUMBERS.inPath}`,
  `/no/such/${NUMBERS.inPath}?number=${encoded(NUMBERS.inQuery)}`,
  `/api/calls/${encoded(WORDS.displayName)}`,
  `/api/calls/${encoded(SECRETS.otherKey)}`,
  `/%zz${NUMBERS.inPath}`,
]

const QUERIES = [
  `number=${encoded(NUMBERS.inQuery)}&limit=none`,
  `${NUMBERS.inQuery}=1`,
  `cursor=${encoded(NUMBERS.inQuery)}`,
  `from_date=${encoded(NUMBERS.inQuery)}`,
  `direction=${encoded(NUMBERS.inQuery)}`,
  `trunk=${encoded(NUMBERS.inQuery)}&limit=none`,
  `api_key=${encoded(SECRETS.otherKey)}`,
]

const deep = (name: string): unknown => {
  let value: unknown = 1
  for (let level = 0; level < 30; level++) value = { [name]: value }
  return value
}

const BODIES: readonly unknown[] = [
  { phone_number: NUMBERS.refused },
  { phone_number: NUMBERS.invalid },
  { phone_number: { [NUMBERS.inFieldName]: 1 } },
  { ...to, from: NUMBERS.shown },
  { ...to, from: NUMBERS.invalid },
  { ...to, [NUMBERS.inFieldName]: NUMBERS.dialled },
  { ...to, [`tel_${NUMBERS.inFieldName.slice(1)}`]: 1 },
  { ...to, [SECRETS.otherKey]: 1 },
  { ...to, [NUMBERS.inFieldName]: deep('a') },
  { ...to, metadata: deep(NUMBERS.inFieldName) },
  { ...to, dynamic_variables: { [NUMBERS.inFieldName]: [WORDS.variable] } },
  { ...to, language: NUMBERS.dialled },
  { ...to, provider: NUMBERS.dialled },
  { ...to, ring_timeout_seconds: NUMBERS.dialled },
  { ...to, metadata: { a: WORDS.metadata.repeat(400) } },
  `{"phone_number": "${NUMBERS.inBrokenJson}", ${NUMBERS.inBrokenJson}`,
  NUMBERS.inBrokenJson,
]

export async function misuseTheApi(apiUrl: string): Promise<Misuse> {
  const header = {
    'x-number': NUMBERS.inHeader,
    referer: `http://x/?n=${NUMBERS.inHeader}`,
    'x-request-id': NUMBERS.inHeader,
    traceparent: NUMBERS.inHeader,
  }
  const asked: readonly Asked[] = [
    ...NUMBERED_PATHS.map((path) => [path, { headers: header }] as const),
    ...QUERIES.map((query) => [`/api/calls?${query}`, { headers: header }] as const),
    ...BODIES.map((body) => [START, post(body, header)] as const),
    ['/api/settings/log-level', { ...post({ level: NUMBERS.inQuery }), method: 'PUT' }],
    ['/api/calls/search', post({ number: NUMBERS.inQuery, [NUMBERS.inFieldName]: 1 })],
    [START, post(to, { 'idempotency-key': `${NUMBERS.inHeader} é` })],
    [START, { ...post(to), headers: { 'content-type': `text/${NUMBERS.inHeader}` } }],
    [START, post(to, { authorization: `Bearer ${SECRETS.otherKey}` })],
    ['/api/calls', { headers: { authorization: `Basic ${btoa(`user:${SECRETS.otherKey}`)}` } }],
    [START, post(to, { origin: `http://${NUMBERS.inHeader.slice(1)}.example` })],
  ]
  const answers = await Promise.all([
    ...asked.map(([path, init]) => ask(apiUrl, path, init)),
    rawly(apiUrl, `GET /${NUMBERS.inPath} ${NUMBERS.inPath}\r\n\r\n`),
    rawly(apiUrl, `GET / HTTP/1.1\r\nHost: ${NUMBERS.inHeader.slice(1)}.example\r\n\r\n`),
    rawly(apiUrl, `GET / HTTP/1.1\r\n${NUMBERS.inHeader} x\r\n\r\n`),
  ])
  return { refused: answers.filter(({ isError }) => isError).length, leaks: answers.flatMap(leaks) }
}

interface Answer {
  readonly what: string
  readonly isError: boolean
  readonly said: string
}

async function ask(apiUrl: string, path: string, init: RequestInit = {}): Promise<Answer> {
  const headers = new Headers(init.headers)
  if (!headers.has('authorization')) headers.set('authorization', `Bearer ${SECRETS.apiKey}`)
  const signal = AbortSignal.timeout(10_000)
  const response = await fetch(apiUrl + path, { ...init, headers, signal })
  const said = `${JSON.stringify([...response.headers])} ${await response.text()}`
  return { what: `${init.method ?? 'GET'} ${path}`, isError: response.status >= 400, said }
}

/** What `fetch` would refuse to send. */
async function rawly(apiUrl: string, request: string): Promise<Answer> {
  const { hostname, port } = new URL(apiUrl)
  const socket = connect(Number(port), hostname)
  socket.end(request)
  const said = await text(socket)
  return { what: 'a raw request', isError: !said.startsWith('HTTP/1.1 2'), said }
}

/** What is right is answered to whoever may read it: only errors are looked at. */
const leaks = ({ what, isError, said }: Answer): string[] => (isError ? planted(what, said) : [])

const OPEN_PAGES = ['/health', '/ready', '/openapi.json', '/docs', '/', '/calls']
const NODE_PAGES = ['/api/how-to', '/api/trunks', '/api/settings', '/api/settings/log-level']

/** Pages that hold no call, and the metrics: names and labels of theirs, figures may look like anything. */
export async function openPages(view: ProductView): Promise<string[]> {
  const found: string[] = []
  for (const path of [...OPEN_PAGES, ...NODE_PAGES])
    found.push(...planted(path, await (await view.request(path)).text()))
  const metrics = await (await view.request('/metrics')).text()
  const labels = metrics.replaceAll(/ [\d.eE+-]+$/gm, '')
  if (!labels.includes('voicegate_calls_total{')) found.push('no metrics')
  return [...found, ...planted('/metrics', labels)]
}
