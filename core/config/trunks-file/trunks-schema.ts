// The trunks file, once: what is read by, and what sip-config/trunks.schema.json is made from. `format` names a reader of
// text-formats.ts, `errorMessage` is said when the value is not right, by us and by editors.
import { Type, type Static, type TProperties } from 'typebox'
import {
  ANSWER_WITH,
  DEFAULT_HEALTH,
  DEFAULT_ROUTE,
  OFFERED_ALGORITHMS,
  TRUNK_CODECS,
} from '../../contracts/index.ts'
import type { TextFormat } from './text-formats.ts'

const group = <P extends TProperties>(
  properties: P,
  options: Readonly<Record<string, unknown>> = {},
) => Type.Object(properties, { additionalProperties: false, ...options })

/** As near as editors need it; the readers of text-formats.ts are exact. */
const PATTERNS: Readonly<Record<TextFormat, string>> = {
  'sip-host': '^(\\[?[0-9a-fA-F:]+\\]?|[A-Za-z0-9.-]+)(:\\d{1,5})?$',
  'sip-proxy': '^sip:[^@]+$',
  'sip-user': '^[\\w.+~-]{1,64}$',
  'agent-id': '^[A-Za-z0-9_-]{1,64}$',
  'dial-prefix': '^\\+\\d{0,15}$',
  e164: '^\\+\\d',
  network: '^[0-9a-fA-F:.]+(/\\d{1,3})?$',
}

const text = (format: TextFormat, description: string) =>
  Type.String({ format, pattern: PATTERNS[format], description })
const optional = Type.Optional

/** Quotes and backslashes would have to be escaped in a header, and not every registrar reads that. */
const digestName = (description: string) =>
  Type.String({
    pattern: '^[!#-\\[\\]-~]{1,128}$',
    errorMessage: 'must be 1 to 128 visible characters without quotes, backslashes and spaces',
    description,
  })
const password = (description: string) =>
  Type.String({
    pattern: '^[^\\x00-\\x1F\\x7F]{1,256}$',
    errorMessage: 'must be 1 to 256 characters, none of them a line break or a tab',
    description,
  })
const digits = (pattern: string, errorMessage: string, description: string) =>
  Type.String({ pattern, errorMessage, description })

const Account = group(
  {
    user: text('sip-user', 'The user part of our address at the carrier.'),
    auth_user: optional(
      digestName('The name for digest authentication, where it is not the user.'),
    ),
    password: password('For digest authentication.'),
    register: optional(
      Type.Boolean({
        description: 'Whether we tell the carrier where we are (REGISTER).',
        default: true,
      }),
    ),
  },
  { description: 'How the carrier knows us; without one it knows our address.' },
)

const Route = group(
  {
    prefixes: Type.Array(text('dial-prefix', 'A beginning such as +49; + is every number.'), {
      minItems: 1,
      uniqueItems: true,
      description: 'Beginnings of the numbers that are dialled here; the longest that fits wins.',
    }),
    priority: optional(
      Type.Integer({
        minimum: 0,
        maximum: 65_535,
        default: DEFAULT_ROUTE.priority,
        description: 'Of several trunks with as long a prefix, the lowest is tried first.',
      }),
    ),
    weight: optional(
      Type.Integer({
        minimum: 0,
        maximum: 65_535,
        default: DEFAULT_ROUTE.weight,
        description: 'Share among those of one priority; 0 only when the others failed.',
      }),
    ),
  },
  { description: 'Which numbers, and when.' },
)

const InboundAccount = group(
  {
    username: digestName('The user name the carrier answers our challenge with.'),
    password: password('Its password.'),
    algorithms: optional(
      Type.Array(Type.Enum([...OFFERED_ALGORITHMS]), {
        minItems: 1,
        uniqueItems: true,
        default: ['MD5'],
        description: 'What it may answer with, the preferred first.',
      }),
    ),
  },
  { description: 'Calls are taken only with these credentials; with addresses, from there only.' },
)

const Inbound = group(
  {
    addresses: optional(
      Type.Array(text('network', 'An IP address, or a network such as 203.0.113.0/24.'), {
        minItems: 1,
        uniqueItems: true,
        description: 'Where its calls come from; by default what domain and proxy are in the DNS.',
      }),
    ),
    tls_names: optional(
      Type.Array(
        Type.String({
          pattern: '^[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?$',
          errorMessage: 'must be a host name, as it stands in a certificate',
          description: 'A host name.',
        }),
        {
          minItems: 1,
          uniqueItems: true,
          description: 'Names in the client certificate of its TLS connection.',
        },
      ),
    ),
    account: optional(InboundAccount),
  },
  {
    minProperties: 1,
    errorMessage: 'must have addresses, tls_names or account; without the key its domain is asked',
    description: 'How its calls to us are known; by default by the addresses of domain and proxy.',
  },
)

const NumberFormat = Type.Union(
  [
    Type.Enum(['e164', 'digits']),
    group({
      country: digits(
        '^\\+?[1-9]\\d{0,2}$',
        'must be a country code such as 49',
        'The country code.',
      ),
      national_prefix: digits(
        '^\\d{0,4}$',
        'must be digits, or "" where the country has none',
        'Before a number of that country, such as 0.',
      ),
      international_prefix: digits(
        '^\\d{0,5}$',
        'must be digits, or "" where none is wanted',
        'Before the country code of others, such as 00.',
      ),
    }),
  ],
  {
    default: 'e164',
    errorMessage:
      'must be e164, digits, or a group of country, national_prefix and international_prefix',
    description:
      'How numbers are written on its wire: with plus, without it, or as they are dialled in a country.',
  },
)

const CallerId = group(
  {
    from: optional(
      Type.Enum(['number', 'account'], {
        description: 'Who stands in From: the caller’s number, or the user of the account.',
      }),
    ),
    asserted_identity: optional(
      Type.Boolean({
        default: false,
        description: 'P-Asserted-Identity with the caller’s number (RFC 3325).',
      }),
    ),
    anonymous: optional(
      Type.Boolean({
        default: false,
        description: 'Anonymous From and Privacy: id (RFC 3323).',
      }),
    ),
  },
  { minProperties: 1, description: 'How it is said who calls.' },
)

const Limits = group(
  {
    max_concurrent_calls: optional(
      Type.Integer({ minimum: 1, maximum: 10_000, description: 'Both directions together.' }),
    ),
    max_calls_per_second: optional(
      Type.Integer({ minimum: 1, maximum: 1000, description: 'Calls we place on it.' }),
    ),
  },
  { minProperties: 1, description: 'What the carrier sells, so that it need not refuse.' },
)

const count = (fallback: number, description: string) =>
  Type.Integer({ minimum: 1, maximum: 100, default: fallback, description })

const Health = Type.Union(
  [
    Type.Enum(['off']),
    group({
      interval_seconds: optional(
        Type.Integer({
          minimum: 5,
          maximum: 3600,
          default: DEFAULT_HEALTH.intervalSeconds,
          description: 'Between two.',
        }),
      ),
      down_after: optional(count(DEFAULT_HEALTH.downAfter, 'Failures in a row until it is down.')),
      up_after: optional(count(DEFAULT_HEALTH.upAfter, 'Answers in a row until it is up again.')),
    }),
  ],
  {
    errorMessage: 'must be off, or a group of interval_seconds, down_after and up_after',
    description: 'OPTIONS pings; off: never asked, always up.',
  },
)

export const TrunkEntry = group(
  {
    name: Type.String({
      pattern: '^[a-z0-9-]{1,32}$',
      errorMessage: 'must be 1 to 32 of a to z, 0 to 9 and -',
      description: 'Label in metrics, records and POST /api/calls/start.',
    }),
    domain: text('sip-host', 'Host and optional port of sip:NUMBER@DOMAIN.'),
    proxy: optional(text('sip-proxy', 'Outbound proxy, such as sip:192.0.2.1:5060;transport=tcp.')),
    transport: optional(
      Type.Enum(['udp', 'tcp', 'tls'], {
        description: 'How the domain is reached where there is no proxy; UDP first by default.',
      }),
    ),
    numbers: optional(
      Type.Array(text('e164', 'A number with its country code.'), {
        uniqueItems: true,
        description:
          'The numbers we may show as ours, the default first; without the key the account’s user, where that is one.',
      }),
    ),
    account: optional(Account),
    routes: optional(
      Type.Array(Route, {
        description: 'Which numbers it is dialled for; all by default, none with [].',
      }),
    ),
    inbound: optional(Inbound),
    codecs: optional(
      Type.Array(Type.Enum([...TRUNK_CODECS]), {
        minItems: 1,
        uniqueItems: true,
        default: ['PCMU', 'PCMA'],
        description: 'What is offered and taken, the preferred first.',
      }),
    ),
    media: optional(
      Type.Enum(['direct', 'anchored'], {
        default: 'direct',
        description: 'anchored: FreeSWITCH stands between its audio and ours.',
      }),
    ),
    srtp: optional(
      Type.Enum(['off', 'required'], {
        default: 'off',
        description: 'Encrypted audio by SDES (RFC 4568); needs media: anchored.',
      }),
    ),
    number_format: optional(NumberFormat),
    caller_id: optional(CallerId),
    limits: optional(Limits),
    health: optional(Health),
    pass_headers: optional(
      Type.Boolean({
        default: false,
        description: 'Its X-… headers become variables of the agent (sip_…).',
      }),
    ),
    transfer: optional(
      Type.Enum(['auto', 'refer', 'bridge'], {
        default: 'auto',
        description: 'How a call of it is handed to a human.',
      }),
    ),
  },
  { description: 'A way to and from the telephone network.' },
)

export const NumberEntry = group(
  {
    agent: optional(
      text(
        'agent-id',
        'The agent who answers it; the default agent (ELEVENLABS_AGENT_ID) by default.',
      ),
    ),
    answer_with: optional(
      Type.Enum([...ANSWER_WITH], {
        default: 'agent',
        description:
          'Whom callers hear: the agent, our menu (consent and order by keypad), or the agent after the menu.',
      }),
    ),
    reject: optional(
      Type.Enum([403, 404, 480, 603], { description: 'The SIP status it is refused with.' }),
    ),
  },
  {
    minProperties: 1,
    errorMessage:
      'must say who answers: agent with its id, answer_with, or reject with 403, 404, 480 or 603',
    description: 'Who answers it.',
    // As numberContradictions of trunk-contradictions.ts says it.
    not: {
      anyOf: [
        { required: ['reject', 'agent'] },
        { required: ['reject', 'answer_with'] },
        {
          required: ['agent', 'answer_with'],
          properties: { answer_with: { const: 'order-ivr' } },
        },
      ],
    },
  },
)

export const TrunksFile = group(
  {
    trunks: optional(Type.Array(TrunkEntry, { description: 'The trunks.' })),
    numbers: optional(
      Type.Record(Type.String({ pattern: PATTERNS.e164 }), NumberEntry, {
        keyFormat: 'e164' satisfies TextFormat,
        description:
          'Who answers our numbers; those that are not named go to the default agent (ELEVENLABS_AGENT_ID).',
      }),
    ),
  },
  {
    title: 'Trunks of voicegate',
    description: 'sip-config/README.md says more. ${NAME} is replaced from the environment.',
  },
)

export type TrunksFile = Static<typeof TrunksFile>
export type TrunkEntry = Static<typeof TrunkEntry>
export type NumberEntry = Static<typeof NumberEntry>
