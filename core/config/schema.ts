// Every variable of the environment, once: its kind, default, meaning, whether it is a secret and whether it is built.
// .env.example is generated from here. What the contract names but nobody built yet is refused, never ignored.
import { ANSWER_WITH } from '../contracts/index.ts'
import { LOG_LEVELS } from '../telemetry/index.ts'
import { accountSid, languagePrefix, orderPattern } from './ivr-setting.ts'
import {
  databaseUrl,
  decimal,
  dialPrefix,
  host,
  hostAndPort,
  hostOrSuffix,
  integer,
  ipAddress,
  list,
  network,
  oneOf,
  phoneNumber,
  retentionDays,
  secretsKeys,
  spokenMessage,
  text,
  url,
  vendorId,
} from './setting.ts'
import { sipListen, sipProxyUri, sipUser } from './sip-setting.ts'
import { TRACING_VARIABLES } from './tracing/tracing-variables.ts'
import { variable } from './variable.ts'

const port = integer(0, 65535)
/** Of somebody else, who listens there. */
const theirPort = integer(1, 65535)
const rtpPort = integer(1024, 65534)

/** Known to everybody. */
export const DEFAULT_SECRETS = { DRACHTIO_SECRET: 'cymru', FREESWITCH_SECRET: 'ClueCon' } as const
/** Read when nothing else is named and it is there. */
export const DEFAULT_TRUNKS_FILE = 'sip-config/trunks.yaml'

export const VARIABLES = {
  HTTP_HOST: variable(text(), 'Address of the control API and the page.', { default: '127.0.0.1' }),
  HTTP_PORT: variable(port, 'Its port; 0 takes any free one.', { default: '8000' }),
  HTTP_TRUSTED_PROXIES: variable(
    list(network()),
    'Reverse proxies whose X-Forwarded-For and X-Forwarded-Proto are believed; none by default.',
  ),
  PUBLIC_URL: variable(url('http', 'https'), 'The address others reach us at.'),
  API_KEY: variable(text(), 'Administrator key, at least 32 characters.', { secret: true }),
  DATA_DIR: variable(text(), 'Database and everything kept.', { default: './data' }),
  DATABASE_URL: variable(
    databaseUrl(),
    'A PostgreSQL (13 or newer) instead of SQLite in DATA_DIR, such as postgres://voicegate:PASSWORD@db/voicegate.',
    { secret: true },
  ),
  SECRETS_KEY: variable(
    secretsKeys(),
    'Encrypts secrets of others that we keep: 32 bytes in base64; in rehearsal made and kept in DATA_DIR.',
    { secret: true },
  ),
  RETENTION_DAYS: variable(
    retentionDays(),
    'Days until audio, transcripts and events of calls are deleted; or one number each: audio=30,transcripts=90,events=365. ' +
      'Photos, videos and records of animations are kept unless they are named: media=730.',
    { default: '90' },
  ),
  WEBHOOK_ALLOW_HOSTS: variable(
    list(hostAndPort()),
    'Hosts, or host:port, that outgoing webhooks may reach though they are private or not https; none by default.',
  ),
  SIP_LISTEN: variable(list(sipListen()), 'Where the embedded SIP server listens.', {
    default: 'udp:127.0.0.1:5060,tcp:127.0.0.1:5060',
  }),
  SIP_ADVERTISE: variable(
    hostAndPort(),
    'Public address written into Contact, Via and SDP; its port only where SIP_LISTEN has just one.',
  ),
  SIP_TLS_CERT: variable(
    text(),
    'Certificate of the tls addresses: a PEM file, the chain behind it; without one, tls only calls out.',
  ),
  SIP_TLS_KEY: variable(text(), 'Its private key: a PEM file, not encrypted.'),
  SIP_TLS_CA: variable(
    text(),
    'Whom to trust when we call over tls: a PEM file; the system’s authorities by default.',
  ),
  SIP_STRANGERS: variable(
    oneOf('refuse', 'drop'),
    'Callers that no trunk knows: refuse answers them (403), drop does not answer at all.',
    { default: 'refuse' },
  ),
  DRACHTIO_HOST: variable(host(), 'A drachtio-server to use instead of the embedded SIP server.'),
  DRACHTIO_PORT: variable(theirPort, 'Its admin port.', { default: '9022' }),
  DRACHTIO_SECRET: variable(
    text(),
    'Its admin secret; the default one is refused where it is not on this machine.',
    { default: DEFAULT_SECRETS.DRACHTIO_SECRET, secret: true },
  ),
  FREESWITCH_HOST: variable(
    host(),
    'A FreeSWITCH for the audio of trunks with media: anchored (SRTP, Opus, G.722).',
  ),
  FREESWITCH_PORT: variable(theirPort, 'Its event socket.', { default: '8021' }),
  FREESWITCH_SECRET: variable(
    text(),
    'The password of its event socket; the default one is refused where it is not on this machine.',
    { default: DEFAULT_SECRETS.FREESWITCH_SECRET, secret: true },
  ),
  RTP_HOST: variable(ipAddress(), 'Address of the RTP sockets.', { default: '127.0.0.1' }),
  RTP_PORT_MIN: variable(rtpPort, 'First RTP port; stay outside the kernel’s ephemeral range.', {
    default: '20000',
  }),
  RTP_PORT_MAX: variable(rtpPort, 'Last RTP port.', { default: '29999' }),
  TRUNKS_FILE: variable(
    text(),
    `Trunks, and who answers which number (sip-config/README.md); by default ${DEFAULT_TRUNKS_FILE}, where it exists.`,
  ),
  EXOLVE_SIP_USER: variable(
    sipUser(),
    'SIP user at MTS Exolve. User, password and domain define the trunk `exolve`, which registers.',
  ),
  EXOLVE_SIP_PASS: variable(text(), 'Its password.', { secret: true }),
  EXOLVE_SIP_DOMAIN: variable(
    hostAndPort(),
    'Its domain, such as sip.exolve.ru; calls go to sip:NUMBER@DOMAIN.',
  ),
  EXOLVE_SIP_PROXY: variable(
    sipProxyUri(),
    'Outbound proxy, such as sip:80.75.130.100; by default the domain is asked itself.',
  ),
  ELEVENLABS_API_KEY: variable(text(), 'Key of the default agent.', { secret: true }),
  ELEVENLABS_AGENT_ID: variable(text(), 'The default agent; ulaw_8000 both ways costs least.'),
  ELEVENLABS_WEBHOOK_SECRET: variable(
    text(),
    'Secret (wsec_…) of the post-call webhook that ElevenLabs sends to PUBLIC_URL/webhooks/elevenlabs.',
    { secret: true },
  ),
  AGENT_MAX_SESSIONS: variable(
    integer(1, 10000),
    'Conversations your ElevenLabs plan allows at a time: no phone rings when none is left; unlimited unless set.',
  ),
  ELEVENLABS_BASE_URL: variable(url('http', 'https'), 'REST address.', {
    default: 'https://api.elevenlabs.io',
  }),
  ELEVENLABS_WS_URL: variable(
    url('ws', 'wss'),
    'WebSocket address; when set it also replaces scheme, host and port of a signed URL.',
  ),
  ELEVENLABS_PRICE_PER_MINUTE: variable(decimal(0, 100), 'US dollars, for the money lines.', {
    default: '0.08',
  }),
  AGENT_BUDGET_PER_DAY: variable(
    decimal(0, 1_000_000),
    'US dollars a day that the agents of one node may cost: beyond it an alert fires, and no call is refused or ended; 0: no budget.',
    { default: '0' },
  ),
  AGENT_VARIABLES: variable(
    list(oneOf('caller_number', 'called_number', 'call_id', 'direction')),
    'What the agent is told as dynamic variables.',
    { default: 'caller_number,called_number,call_id,direction' },
  ),
  AGENT_FRAME_MS: variable(
    oneOf('20', '40', '60'),
    'How much caller audio one message to the agent carries; more saves CPU and costs as much delay.',
    { default: '20' },
  ),
  AGENT_DTMF: variable(
    oneOf('user_message', 'contextual_update', 'off'),
    'How the agent learns of keys the caller pressed, gathered until # or a pause of 1.5 s: as words of the caller, as ' +
      'context, or not at all.',
    { default: 'user_message' },
  ),
  AGENT_FALLBACK_MESSAGE: variable(
    spokenMessage(),
    'Said to the caller before we hang up because the agent failed, 20 s at most: words to be spoken, or the path of ' +
      'a .wav file (16-bit PCM or G.711).',
  ),
  ELEVENLABS_VOICE_ID: variable(vendorId(), 'The voice that speaks AGENT_FALLBACK_MESSAGE.', {
    default: '21m00Tcm4TlvDq8ikWAM',
  }),
  TOOL_SERVER_URL: variable(
    url('http', 'https'),
    'Where client tools of the agent that we do not know are sent, signed, as JSON (docs/operations.md).',
  ),
  TOOL_SERVER_SECRET: variable(text(), 'Signs these requests; at least 16 characters.', {
    secret: true,
  }),
  TWILIO_ACCOUNT_SID: variable(
    accountSid(),
    'Account at Twilio. With token and number, calls of Twilio come in at PUBLIC_URL/webhook/voice and can be placed.',
  ),
  TWILIO_AUTH_TOKEN: variable(text(), 'Its primary auth token, which also signs its webhooks.', {
    secret: true,
  }),
  TWILIO_FORMER_AUTH_TOKEN: variable(
    text(),
    'The token before it: what it signed is still believed, for the time of a rotation.',
    { secret: true },
  ),
  TWILIO_PHONE_NUMBER: variable(phoneNumber(), 'Your number there: calls are placed from it.'),
  TWILIO_BASE_URL: variable(url('http', 'https'), 'REST address.', {
    default: 'https://api.twilio.com',
  }),
  TWILIO_ANSWER_WITH: variable(
    oneOf(...ANSWER_WITH),
    'Who answers calls to it: the menu (consent and order by keypad), the agent, or the agent after the menu.',
    { default: 'order-ivr' },
  ),
  VOXIMPLANT_BASE_URL: variable(
    url('http', 'https'),
    'Address of the Management API; accounts and their keys are added in the console, and kept encrypted.',
    { default: 'https://api.voximplant.com' },
  ),
  DID_API_KEY: variable(
    text(),
    'Key of D-ID (as its studio shows it, USER:PASSWORD): photos can be made to speak by it.',
    { secret: true },
  ),
  DID_WEBHOOK_URL: variable(
    url('http', 'https'),
    'Where D-ID tells that a video is ready; /TOKEN is appended. PUBLIC_URL/webhooks/d-id by default.',
  ),
  DID_BASE_URL: variable(url('http', 'https'), 'Its address.', { default: 'https://api.d-id.com' }),
  DID_VOICE_ID: variable(text(), 'Its voice where a request names none.', {
    default: 'en-US-JennyNeural',
  }),
  DID_DEADLINE_MINUTES: variable(integer(1, 1440, 'minutes'), 'How long its jobs may take.', {
    default: '10',
  }),
  DID_MAX_JOBS: variable(integer(1, 1000), 'Jobs it renders for us at a time.', { default: '2' }),
  HEYGEN_API_KEY: variable(text(), 'Key of HeyGen: the same by its API v3.', { secret: true }),
  HEYGEN_WEBHOOK_SECRET: variable(
    text(),
    'Secret (whsec_…) of a webhook to PUBLIC_URL/webhooks/heygen that you registered yourself; by default we do, where ' +
      'SECRETS_KEY is set.',
    { secret: true },
  ),
  HEYGEN_BASE_URL: variable(url('http', 'https'), 'Its address.', {
    default: 'https://api.heygen.com',
  }),
  HEYGEN_VOICE_ID: variable(text(), 'Its voice where a request names none; it has no default.'),
  HEYGEN_DEADLINE_MINUTES: variable(integer(1, 1440, 'minutes'), 'How long its jobs may take.', {
    default: '45',
  }),
  HEYGEN_MAX_JOBS: variable(integer(1, 1000), 'Jobs it renders for us at a time.', {
    default: '10',
  }),
  USE_HEYGEN: variable(
    oneOf('true', 'false'),
    'Who animates where a request does not say: HeyGen (true) or D-ID; by default whoever has a key, D-ID first.',
  ),
  MEDIA_MAX_UPLOAD_MB: variable(integer(1, 4096, 'MB'), 'Largest photo or video that is taken.', {
    default: '500',
  }),
  MEDIA_MAX_ANIMATIONS_A_DAY: variable(
    integer(1, 100_000),
    'Animations that are asked for, or retried at new cost, in 24 hours: of all keys together.',
    { default: '200' },
  ),
  MEDIA_RESULT_HOSTS: variable(
    list(hostOrSuffix()),
    'Hosts that finished videos may come from beside the providers’ own; with a dot in front all below one: .example.com.',
  ),
  AWS_S3_BUCKET: variable(
    text(),
    'Bucket of S3, or of a server like it, where recordings and media are kept instead of DATA_DIR.',
  ),
  AWS_REGION: variable(text(), 'Its region.', { default: 'us-east-1' }),
  AWS_ACCESS_KEY_ID: variable(
    text(),
    'Key for it; by default what the surroundings give (an instance’s or container’s role).',
  ),
  AWS_SECRET_ACCESS_KEY: variable(text(), 'Its secret.', { secret: true }),
  S3_ENDPOINT: variable(
    url('http', 'https'),
    'Another server than Amazon’s, such as http://minio:9000.',
  ),
  S3_READS: variable(
    oneOf('proxied', 'presigned'),
    'Photos and videos are sent by us, or players are sent to the bucket by a link of five minutes; recordings of calls ' +
      'are always sent by us.',
    { default: 'proxied' },
  ),
  COMPANY_NAME: variable(text(), 'Your company, as the menu says it to callers.'),
  WEBSITE_URL: variable(
    url('http', 'https'),
    'Your site, as the menu says it: where callers read how their data is treated.',
  ),
  VOICE_NAME: variable(
    text(),
    'The voice of the menu at Twilio: alice, man, woman or one such as Polly.Vicki-Neural; by default the language’s own.',
  ),
  IVR_LANGUAGES: variable(
    list(languagePrefix()),
    'Callers of which numbers hear which language of the menu (de, en, ru); all others German.',
    { default: '+1=en,+44=en' },
  ),
  IVR_ORDER_PATTERN: variable(orderPattern(), 'What an order number looks like.', {
    default: '[0-9]{4,12}',
  }),
  IVR_ON_REFUSAL: variable(
    oneOf('end', 'continue'),
    'When a caller does not consent: the menu says goodbye, or goes on and keeps nothing.',
    { default: 'end' },
  ),
  RECORD_CALLS: variable(
    oneOf('off', 'after-consent', 'always'),
    'Which calls are recorded: off, after-consent (where a flow or the API starts it) or always; in rehearsal always.',
  ),
  DIAL_ALLOW_PREFIXES: variable(
    list(dialPrefix()),
    'Numbers that may be made to ring; none by default, all in rehearsal.',
  ),
  TRANSFER_NUMBERS: variable(
    list(phoneNumber()),
    'Numbers of humans to whom an agent may transfer a call, the default first, which is also behind key 0 of the menu; ' +
      'they must be allowed to ring, too.',
  ),
  MAX_CONCURRENT_CALLS: variable(integer(1, 10000), 'Calls at a time, both directions.', {
    default: '200',
  }),
  MAX_OUTBOUND_CALLS_PER_SECOND: variable(integer(1, 1000), 'Calls placed a second.', {
    default: '5',
  }),
  MAX_INBOUND_CALLS_PER_SECOND: variable(integer(1, 1000), 'Calls taken a second.', {
    default: '50',
  }),
  DRAIN_SECONDS: variable(
    integer(0, 7200, 'seconds'),
    'How long calls may finish when it is told to stop, before they are hung up; 10 by default, 1 in rehearsal.',
  ),
  LOG_LEVEL: variable(oneOf(...LOG_LEVELS), 'Least level written.', { default: 'info' }),
  ...TRACING_VARIABLES,
} as const

export type VariableName = keyof typeof VARIABLES

/** The values read: undefined where nothing was given, or what was given is not right. */
export type Values = {
  [N in VariableName]: (typeof VARIABLES)[N]['setting'] extends { parse: (text: string) => infer P }
    ? Extract<P, { readonly value: unknown }>['value'] | undefined
    : never
}

/** Named by the contract, not built yet: a value is a fatal error that says so; an empty or neutral one passes. */
export const NOT_BUILT: Readonly<Record<string, { readonly neutral?: string }>> = {
  ROLE: { neutral: 'all' },
  REDIS_URL: {},
  WEBRTC_HOST: {},
  WEBRTC_ADVERTISE: {},
  WEBRTC_PORT_MIN: {},
  WEBRTC_PORT_MAX: {},
}

/** Keys of other programs that may share the .env file. */
export const FOREIGN_PREFIXES = ['COMPOSE_', 'POSTGRES_', 'GF_', 'OTEL_', 'AWS_'] as const
