// Every error code a user can meet, once: its HTTP status, whether trying again helps, and what to do about it.
// docs/errors.md is generated from here.

interface ErrorEntry {
  readonly httpStatus: number
  readonly retryable: boolean
  readonly title: string
  readonly whatToDo: string
}

const entry = (
  httpStatus: number,
  retryable: boolean,
  title: string,
  whatToDo: string,
): ErrorEntry => ({ httpStatus, retryable, title, whatToDo })

export const ERROR_REGISTRY = {
  REQUEST_INVALID: entry(
    400,
    false,
    'The request is not valid',
    'Compare the request with /docs; the detail names the field.',
  ),
  NUMBER_INVALID: entry(
    400,
    false,
    'The phone number is not valid',
    'Write it in E.164 with a leading plus and the country code, for example +4930123456.',
  ),
  UNAUTHENTICATED: entry(
    401,
    false,
    'No valid API key',
    'Send the header "Authorization: Bearer KEY" with an API key, or sign in on the page.',
  ),
  NUMBER_NOT_ALLOWED: entry(
    403,
    false,
    'This number may not be made to ring',
    'Add its prefix to DIAL_ALLOW_PREFIXES; nothing is allowed by default.',
  ),
  FROM_NOT_ALLOWED: entry(
    403,
    false,
    'This caller number is not ours to show',
    'Leave "from" out, or use one of the trunk’s numbers.',
  ),
  FORBIDDEN: entry(
    403,
    false,
    'This key may not do that',
    'Use a key of the role that the detail names.',
  ),
  DIAL_NOT_ALLOWED: entry(
    403,
    false,
    'This key may not dial that',
    'The detail says which limit of the key it is: an administrator can change its dial budget.',
  ),
  ORIGIN_NOT_ALLOWED: entry(
    403,
    false,
    'The request does not come from our own page',
    'Sessions of the console work from its own pages alone; programs use an API key.',
  ),
  HOST_NOT_SERVED: entry(
    403,
    false,
    'This host name is not served here',
    'Use the address of PUBLIC_URL or of HTTP_HOST.',
  ),
  NOT_FOUND: entry(404, false, 'Not found', 'Check the method, the path and the id.'),
  SIGNATURE_INVALID: entry(
    401,
    false,
    'The signature is not right',
    'Check that the secret here is the one the sender signs with, and that its clock is right.',
  ),
  TWILIO_SIGNATURE_INVALID: entry(
    403,
    false,
    'Not signed by Twilio',
    'Twilio signs with the primary auth token (TWILIO_AUTH_TOKEN) for the very address it calls: PUBLIC_URL must be that.',
  ),
  RECORDING_NOT_FOUND: entry(
    404,
    false,
    'There is no recording to be had',
    'The detail says why: none was made, it is not finished yet, or it was deleted.',
  ),
  TRANSCRIPT_NOT_FOUND: entry(
    404,
    false,
    'There is no transcript to be had',
    'The detail says why: the call was not answered, or nobody has said anything on it.',
  ),
  UPGRADE_REQUIRED: entry(
    426,
    false,
    'This route speaks WebSocket',
    'Connect with a WebSocket client.',
  ),
  RANGE_NOT_SATISFIABLE: entry(
    416,
    false,
    'The file has no such bytes',
    'Content-Range says how many there are.',
  ),
  CALL_ENDED: entry(409, false, 'The call has ended', 'Nothing is left to act on.'),
  NOT_ANSWERED: entry(
    409,
    true,
    'The call is not answered yet',
    'Ask again when its status is "answered".',
  ),
  TRANSFER_UNDER_WAY: entry(
    409,
    false,
    'The call is being transferred, or was',
    'The timeline says what came of it; after "transfer.failed" it may be asked for again.',
  ),
  CONFLICT: entry(
    409,
    true,
    'Another request with this Idempotency-Key is still running',
    'Wait for it, or use a new key.',
  ),
  STATE_CONFLICT: entry(
    409,
    false,
    'That is not possible in this state',
    'The detail says what stands in the way.',
  ),
  PAYLOAD_TOO_LARGE: entry(413, false, 'The request body is too large', 'Send a smaller body.'),
  REQUEST_TOO_SLOW: entry(
    408,
    false,
    'The request took too long to arrive',
    'Send it in one go; the connection is closed.',
  ),
  HEADERS_TOO_LARGE: entry(
    431,
    false,
    'The headers are too many or too long',
    'Send fewer: 100 headers and 16 KiB are read.',
  ),
  UNSUPPORTED_MEDIA_TYPE: entry(
    415,
    false,
    'The request body has no type we read',
    'Send JSON with "Content-Type: application/json".',
  ),
  NOT_BUILT: entry(
    422,
    false,
    'This part is not built yet',
    'Leave the named field or setting out.',
  ),
  ENDPOINT_REFUSED: entry(
    422,
    false,
    'This address may not be called',
    'Use an https address of the public internet. A photo that is elsewhere: upload it. For webhooks alone, WEBHOOK_ALLOW_HOSTS names exceptions.',
  ),
  MEDIA_REFUSED: entry(
    415,
    false,
    'This file is of no kind that is taken',
    'Photos are JPEG, PNG or WebP; videos are MP4, MOV, AVI, MKV or WebM. What the file holds counts, not its name.',
  ),
  MEDIA_DAMAGED: entry(
    422,
    false,
    'The file is damaged, or not what it says it is',
    'The detail says what is wrong; make it anew and send it again.',
  ),
  MEDIA_TOO_LARGE: entry(
    413,
    false,
    'The file is too large',
    'The detail names the limit; MEDIA_MAX_UPLOAD_MB is that of uploads.',
  ),
  MEDIA_BUSY: entry(
    503,
    true,
    'Too many files are being taken or checked',
    'Try again after Retry-After.',
  ),
  VIDEO_TOOLS_MISSING: entry(
    503,
    false,
    'Videos cannot be checked here',
    'Install ffmpeg where voicegate runs (apt-get install ffmpeg); no restart is needed.',
  ),
  VOICE_REQUIRED: entry(
    422,
    false,
    'Nobody said whose voice it is',
    'Give a "voice_id", set the provider’s default voice, or ask for "speech": "elevenlabs".',
  ),
  IDEMPOTENCY_MISMATCH: entry(
    422,
    false,
    'This Idempotency-Key was used for another request',
    'Use a new key for each new request; repeat a key only with the same body.',
  ),
  RATE_EXCEEDED: entry(
    429,
    true,
    'Too many calls a second',
    'Try again after Retry-After, or raise MAX_OUTBOUND_CALLS_PER_SECOND.',
  ),
  TOO_MANY_REQUESTS: entry(429, true, 'Too many requests', 'Try again after Retry-After.'),
  LOCKED_OUT: entry(
    429,
    true,
    'Too many wrong keys from this address',
    'Try again after Retry-After, with the right key.',
  ),
  DIAL_BUDGET_SPENT: entry(
    429,
    true,
    'The dial budget of this key is spent',
    'Try again after Retry-After, or let an administrator raise it.',
  ),
  ANIMATION_BUDGET_SPENT: entry(
    429,
    true,
    'Today’s animations are used up',
    'Raise MEDIA_MAX_ANIMATIONS_A_DAY, or wait: Retry-After says how long. The detail says whether too many are under way.',
  ),
  AGENT_SLOTS_TAKEN: entry(
    429,
    true,
    'The agent’s vendor takes no more conversations now',
    'Try again after Retry-After; AGENT_MAX_SESSIONS says how many your plan allows.',
  ),
  SECRETS_KEY_MISSING: entry(
    503,
    false,
    'Secrets cannot be kept',
    'Set SECRETS_KEY (openssl rand -base64 32) and start again.',
  ),
  INTERNAL: entry(500, false, 'Something broke on our side', 'Look into the log for this code.'),
  INVALID_STATE: entry(500, false, 'Used after it was closed', 'This is a defect; report it.'),
  EVIDENCE_INVALID: entry(
    500,
    false,
    'An agent session was asked for without proof of an answer',
    'This is the cost guard at work; report it.',
  ),
  PROVIDER_NOT_CONFIGURED: entry(
    501,
    false,
    'This provider is not set up here',
    'The detail names the settings.',
  ),
  PROVIDER_REFUSED: entry(
    422,
    false,
    'The provider refuses that',
    'The detail says why, and what can be changed there.',
  ),
  CONSOLE_NOT_BUILT: entry(
    503,
    false,
    'The console is not built',
    'Run "npm run console" where voicegate is installed; no restart is needed.',
  ),
  NO_TRUNK: entry(
    503,
    false,
    'There is no trunk to dial through',
    'The detail says which: configure one, or give one a route for the number.',
  ),
  CAPACITY_EXHAUSTED: entry(
    503,
    true,
    'All call slots are taken',
    'Try again after Retry-After, or raise MAX_CONCURRENT_CALLS, or the limits of the trunks.',
  ),
  MEDIA_EXHAUSTED: entry(
    503,
    true,
    'No RTP port is free',
    'Widen RTP_PORT_MIN and RTP_PORT_MAX, or wait for calls to end.',
  ),
  MEDIA_SERVER_FAILED: entry(
    503,
    true,
    'The media server did not take the call',
    'Check FREESWITCH_HOST, FREESWITCH_SECRET and the log of FreeSWITCH; it is reconnected on its own.',
  ),
  DRAINING: entry(503, true, 'The gateway is shutting down', 'Use another node, or try again.'),
  SIP_UNAVAILABLE: entry(
    503,
    true,
    'The SIP server is not reachable',
    'It is reconnected on its own; look into the log.',
  ),
  DATABASE_UNAVAILABLE: entry(
    503,
    true,
    'The database did not answer',
    'Check the disk of DATA_DIR, or the PostgreSQL of DATABASE_URL, and the log.',
  ),
  TIMED_OUT: entry(
    504,
    true,
    'A wait reached its deadline',
    'The detail says what was waited for.',
  ),
  AGENT_UNREACHABLE: entry(
    502,
    true,
    'The agent could not be reached',
    'Check ELEVENLABS_BASE_URL, the key and the agent id.',
  ),
  VENDOR_FAILED: entry(
    502,
    true,
    'A vendor did not do what it was asked',
    'The detail says which and what it answered; check its key and its status page.',
  ),
  SPEECH_UNAVAILABLE: entry(
    502,
    true,
    'The words could not be spoken',
    'Check ELEVENLABS_API_KEY and ELEVENLABS_VOICE_ID; the detail says what was answered.',
  ),
  PROMPT_UNAVAILABLE: entry(
    422,
    false,
    'The prompt cannot be played',
    'Give a WAV file of 16-bit PCM or G.711, or words that can be spoken; the detail says what is wrong.',
  ),
  STORAGE_UNAVAILABLE: entry(
    503,
    true,
    'The media store did not take or give the file',
    'Check the disk of DATA_DIR, or the bucket of AWS_S3_BUCKET, and the log.',
  ),
  NOT_RECORDING: entry(
    409,
    false,
    'This call is not being recorded',
    'Set RECORD_CALLS; a recording that has ended cannot be paused.',
  ),
  CONFIGURATION_INVALID: entry(
    500,
    false,
    'The configuration is not valid',
    'Every problem is listed; mend them and start again.',
  ),
} as const satisfies Record<string, ErrorEntry>

export type ErrorCode = keyof typeof ERROR_REGISTRY
