// Errors of D-ID and HeyGen in all their shapes, and what each means.
import t from 'tap'
import {
  dIdJobRefusal,
  dIdRefusal,
} from '../../../../control-api/media-jobs/providers/d-id/d-id-failures.ts'
import {
  heyGenJobRefusal,
  heyGenRefusal,
} from '../../../../control-api/media-jobs/providers/heygen/heygen-failures.ts'
import {
  cleanWords,
  sentenceOf,
} from '../../../../control-api/media-jobs/providers/requests/failure-words.ts'

const said = (kind: string, description = 'why') => ({ kind, description })

const D_ID = [
  [400, said('BadRequestError', 'Failed to validate script'), 'submit', 'invalid_input'],
  [400, said('BadRequestError', 'source_url must be a valid image'), 'submit', 'bad_image'],
  [400, said('BadRequestError', 'face not detected'), 'submit', 'bad_image'],
  [400, said('BadRequestError', 'the interface is odd'), 'submit', 'invalid_input'],
  [400, said('InvalidFileSizeError'), 'upload_image', 'bad_image'],
  [400, said('InvalidFileSizeError'), 'submit', 'bad_image'],
  [400, said('InvalidFileSizeError'), 'upload_audio', 'invalid_input'],
  [400, said('InvalidImageResolutionError'), 'submit', 'bad_image'],
  [400, said('InvalidFaceError'), 'submit', 'bad_image'],
  [400, said('toString'), 'submit', 'invalid_input'],
  [400, {}, 'submit', 'invalid_input'],
  [401, { message: 'Unauthorized' }, 'submit', 'auth'],
  [401, said('AuthorizationError'), 'submit', 'auth'],
  [402, said('InsufficientCreditsError'), 'submit', 'credits'],
  [403, said('PermissionError'), 'submit', 'permission'],
  [403, { message: 'Forbidden' }, 'submit', 'permission'],
  [404, said('NotFoundError'), 'get_job', 'not_found'],
  [409, said('ConflictError'), 'submit', 'transient'],
  [413, { message: 'Request Too Long' }, 'upload_image', 'bad_image'],
  [415, said('UnsupportedMimeTypeError'), 'upload_image', 'bad_image'],
  [415, said('UnsupportedMimeTypeError'), 'upload_audio', 'invalid_input'],
  [429, { message: 'Too Many Requests' }, 'submit', 'rate_limited'],
  [429, said('InsufficientCreditsError'), 'submit', 'rate_limited'],
  [451, said('ImageModerationError'), 'submit', 'moderation'],
  [451, said('CelebrityRecognizedError'), 'submit', 'moderation'],
  [451, said('TextModerationError'), 'submit', 'moderation'],
  [451, said('AudioModerationError'), 'upload_audio', 'moderation'],
  [451, said('NewModerationError'), 'submit', 'moderation'],
  [500, said('InternalServerError'), 'submit', 'transient'],
  [504, { message: 'Endpoint request timed out' }, 'submit', 'transient'],
  [302, {}, 'submit', 'unknown'],
] as const

for (const [status, body, operation, kind] of D_ID)
  t.test(`D-ID, ${operation}: ${status} ${JSON.stringify(body)} is ${kind}`, (t) => {
    t.equal(dIdRefusal(status, body, operation).kind, kind)
    t.end()
  })

t.test('D-ID: of a conflict nobody knows whether the first was taken', (t) => {
  t.equal(dIdRefusal(409, said('ConflictError'), 'submit').isUnsettled, true)
  t.equal(dIdRefusal(400, said('BadRequestError'), 'submit').isUnsettled, false)
  t.end()
})

const TALKS = [
  ['error', { error: said('FaceError', 'face not detected') }, 'bad_image', 'FaceError'],
  ['error', { error: said('SourceError') }, 'bad_image', 'SourceError'],
  ['error', { error: said('DriverError') }, 'unknown', 'DriverError'],
  ['error', { error: said('UnknownError', 'face not detected') }, 'bad_image', 'UnknownError'],
  ['error', { error: 'it broke' }, 'unknown', null],
  ['error', { error: null }, 'unknown', null],
  ['error', {}, 'unknown', null],
  ['rejected', {}, 'moderation', null],
  [
    'rejected',
    { error: said('CelebrityRecognizedError') },
    'moderation',
    'CelebrityRecognizedError',
  ],
] as const

for (const [status, talk, kind, code] of TALKS)
  t.test(`D-ID, a talk that came to ${status}: ${JSON.stringify(talk)}`, (t) => {
    t.match(dIdJobRefusal(status, talk), { kind, code })
    t.end()
  })

t.test('D-ID: a talk in error is not described by what else it is called', (t) => {
  const talk = { error: {}, message: 'a message', description: 'a description', kind: 'FaceError' }
  t.match(dIdJobRefusal('error', talk), { kind: 'unknown', words: '', code: null })
  t.end()
})

const error = (code: string, message = 'why', param?: string) => ({
  error: { code, message, param },
})

const HEYGEN = [
  [400, error('invalid_parameter', 'bad voice', 'voice_id'), 'submit', 'invalid_input'],
  [400, error('invalid_parameter', 'cannot be read', 'image'), 'submit', 'bad_image'],
  [400, error('validation_error', 'no face was found'), 'submit', 'bad_image'],
  [400, error('validation_error'), 'submit', 'invalid_input'],
  [400, error('image_resolution_too_low'), 'submit', 'bad_image'],
  [400, error('content_policy_violation'), 'submit', 'moderation'],
  [400, error('invalid_parameter', 'violates our moderation rules'), 'submit', 'moderation'],
  [400, error('constructor'), 'submit', 'invalid_input'],
  [400, { code: 400_123, message: 'legacy' }, 'submit', 'invalid_input'],
  [401, error('unauthorized'), 'submit', 'auth'],
  [401, error('authentication_failed'), 'submit', 'auth'],
  [401, {}, 'submit', 'auth'],
  [402, error('insufficient_credit'), 'submit', 'credits'],
  [400, error('insufficient_credit'), 'submit', 'credits'],
  [403, error('forbidden'), 'submit', 'permission'],
  [403, error('resource_access_denied'), 'submit', 'permission'],
  [404, error('not_found'), 'get_job', 'not_found'],
  [409, error('request_in_progress'), 'submit', 'transient'],
  [409, error('conflict'), 'submit', 'unknown'],
  [413, error('payload_too_large'), 'upload_image', 'bad_image'],
  [413, error('payload_too_large'), 'upload_audio', 'invalid_input'],
  [415, {}, 'upload_image', 'bad_image'],
  [429, error('rate_limit_exceeded'), 'submit', 'rate_limited'],
  [429, error('forbidden'), 'submit', 'rate_limited'],
  [451, error('blocked'), 'submit', 'moderation'],
  [500, error('internal_error'), 'submit', 'transient'],
  [503, {}, 'submit', 'transient'],
  [300, {}, 'submit', 'unknown'],
] as const

for (const [status, body, operation, kind] of HEYGEN)
  t.test(`HeyGen, ${operation}: ${status} ${JSON.stringify(body)} is ${kind}`, (t) => {
    t.equal(heyGenRefusal(status, body, operation).kind, kind)
    t.end()
  })

t.test('HeyGen: a request under way is unsettled, and asked about soon', (t) => {
  const refusal = heyGenRefusal(409, error('request_in_progress'), 'submit')
  t.match(refusal, { isUnsettled: true, retryAfterMs: 5000, code: 'request_in_progress' })
  t.end()
})

const VIDEOS = [
  [{ failure_code: 'download_failed', failure_message: 'could not download' }, 'unknown'],
  [{ failure_code: 'no_face_detected', failure_message: 'x' }, 'bad_image'],
  [{ failure_code: 'moderation_failed', failure_message: 'x' }, 'moderation'],
  [{ failure_code: 'internal_error', failure_message: 'x' }, 'transient'],
  [{ failure_code: null, failure_message: null }, 'unknown'],
  [{ error: { code: 'x', message: 'the face is not visible' } }, 'bad_image'],
  [{}, 'unknown'],
] as const

for (const [video, kind] of VIDEOS)
  t.test(`HeyGen, a video that failed: ${JSON.stringify(video)}`, (t) => {
    t.equal(heyGenJobRefusal(video).kind, kind)
    t.end()
  })

t.test('words of others are one line, and short', (t) => {
  const WORDS = [
    ['face not detected', 'face not detected'],
    ['  a\n\n b\t\u0007c. ', 'a b c'],
    ['see https://x.example/a?b=c for more', 'see … for more'],
    ['at s3://bucket/key now', 'at … now'],
    ['data:image/png;base64,AAAA is bad', '… is bad'],
    ['ask someone@example.com', 'ask …'],
    [`the id ${'0123456789abcdef'.repeat(3)} is odd`, 'the id … is odd'],
    ['\u202Ereversed\u202C', 'reversed'],
    ['', ''],
  ] as const
  for (const [words, clean] of WORDS) t.equal(cleanWords(words, []), clean)
  t.equal(
    cleanWords('a key-1234 b key-1234-longer c', ['key-1234', 'key-1234-longer']),
    'a … b … c',
  )
  t.equal(cleanWords('an apple', ['a']), 'an apple', 'what is short hides nothing')
  t.equal(cleanWords('words '.repeat(1000), []).length, 299)
  t.end()
})

t.test('each kind says what to do', (t) => {
  const names = { title: 'D-ID', keyVariable: 'DID_API_KEY', addressVariable: 'DID_BASE_URL' }
  t.matchOnly(
    sentenceOf(names, 'credits', 'not enough credits'),
    'D-ID has no credits left (“not enough credits”). Top up at D-ID, then retry.',
  )
  t.matchOnly(
    sentenceOf(names, 'auth', ''),
    'D-ID does not accept the key. Check DID_API_KEY, then retry.',
  )
  for (const kind of ['rate_limited', 'transient'] as const)
    t.match(sentenceOf(names, kind, ''), /: retry later\.$/, 'also true when it is over')
  t.notMatch(sentenceOf(names, 'unknown', 'rendering failed'), /DID_BASE_URL/)
  t.end()
})
