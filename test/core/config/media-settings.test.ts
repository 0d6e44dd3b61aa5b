// Settings of media jobs, of the bucket, and of how long things are kept.
import t from 'tap'
import { compileConfig, type Config } from '#core/config'

const D_ID = { DID_API_KEY: 'planted-user:planted-word', PUBLIC_URL: 'https://voice.example.com' }
const HEYGEN = { HEYGEN_API_KEY: 'planted-key', PUBLIC_URL: 'https://voice.example.com' }
const BUCKET = { AWS_S3_BUCKET: 'recordings-of-ours' }
const KEY = { AWS_ACCESS_KEY_ID: 'planted-id', AWS_SECRET_ACCESS_KEY: 'planted-secret' }

type Environment = Record<string, string>

function config(environment: Environment): Config {
  const compiled = compileConfig(environment, {})
  if ('problems' in compiled) throw new Error(JSON.stringify(compiled.problems))
  return compiled.config
}

const problems = (environment: Environment): string[] => {
  const compiled = compileConfig(environment, {})
  return 'problems' in compiled
    ? compiled.problems.map(({ name, problem }) => `${name} ${problem}`)
    : []
}

t.test('without a key there is no vendor, and media are taken all the same', async (t) => {
  const { media, s3 } = config({})
  t.match(media, { dId: undefined, heyGen: undefined, maxUploadBytes: 500 * 1024 * 1024 })
  t.equal(s3, undefined)
  t.equal(config({ MEDIA_MAX_UPLOAD_MB: '10' }).media.maxUploadBytes, 10 * 1024 * 1024)
  t.match(problems({ MEDIA_MAX_UPLOAD_MB: '0' }), [/^MEDIA_MAX_UPLOAD_MB must be/])
})

t.test('how many animations a day, and where videos may come from besides', async (t) => {
  t.match(config({}).media, { maxAnimationsADay: 200, resultHosts: [] })
  const given = { MEDIA_MAX_ANIMATIONS_A_DAY: '7', MEDIA_RESULT_HOSTS: 'cdn.Example.com, .vid.net' }
  t.match(config(given).media, {
    maxAnimationsADay: 7,
    resultHosts: ['cdn.example.com', '.vid.net'],
  })
  for (const many of ['0', '100001', 'all'])
    t.match(problems({ MEDIA_MAX_ANIMATIONS_A_DAY: many }), [/^MEDIA_MAX_ANIMATIONS_A_DAY must/])
  for (const hosts of ['.com', 'https://x.org', 'x.org:443', '*', '10.0.0.1', '.', 'n8n'])
    t.match(problems({ MEDIA_RESULT_HOSTS: hosts }), [/^MEDIA_RESULT_HOSTS has an item/], hosts)
})

t.test('a vendor has its address, its deadline, its jobs and a voice', async (t) => {
  t.match(config(D_ID).media, {
    dId: {
      baseUrl: 'https://api.d-id.com',
      deadlineMs: 600_000,
      maxJobs: 2,
      voiceId: 'en-US-JennyNeural',
      webhookUrl: undefined,
    },
    heyGen: undefined,
    defaultProvider: 'd-id',
  })
  t.match(config({ ...HEYGEN, HEYGEN_DEADLINE_MINUTES: '5', HEYGEN_MAX_JOBS: '3' }).media, {
    dId: undefined,
    heyGen: { baseUrl: 'https://api.heygen.com', deadlineMs: 300_000, maxJobs: 3, voiceId: null },
    defaultProvider: 'heygen',
  })
})

t.test('who animates where nobody says: D-ID first, unless told', async (t) => {
  const both = { ...D_ID, ...HEYGEN }
  t.equal(config(both).media.defaultProvider, 'd-id')
  t.equal(config({ ...both, USE_HEYGEN: 'true' }).media.defaultProvider, 'heygen')
  t.equal(config({ ...both, USE_HEYGEN: 'false' }).media.defaultProvider, 'd-id')
  t.match(problems({ ...D_ID, USE_HEYGEN: 'true' }), [/^HEYGEN_API_KEY is missing: USE_HEYGEN/])
  t.match(problems({ ...HEYGEN, USE_HEYGEN: 'false' }), [
    /^DID_API_KEY is missing: USE_HEYGEN=false/,
  ])
})

t.test('a vendor reaches us by https alone, and secrets stand in no message', async (t) => {
  t.match(problems({ ...D_ID, PUBLIC_URL: '' }), [/^PUBLIC_URL is missing: D-ID/])
  t.match(problems({ ...HEYGEN, PUBLIC_URL: '' }), [/^PUBLIC_URL is missing: HeyGen/])
  t.match(problems({ ...D_ID, PUBLIC_URL: 'http://voice.example.com' }), [
    /^PUBLIC_URL must be https while D-ID/,
  ])
  t.match(problems({ DID_WEBHOOK_URL: 'https://hooks.example.com' }), [/^DID_API_KEY is missing/])
  t.match(problems({ HEYGEN_WEBHOOK_SECRET: 'whsec_planted' }), [/^HEYGEN_API_KEY is missing/])
  const wrong = { ...D_ID, PUBLIC_URL: '', DID_MAX_JOBS: 'planted' }
  t.notMatch(problems(wrong).join(), /planted/)
})

t.test('a bucket: Amazon’s with the surroundings’ key, or another server', async (t) => {
  t.same(config(BUCKET).s3, {
    bucket: 'recordings-of-ours',
    region: 'us-east-1',
    endpoint: undefined,
    credentials: undefined,
    reads: 'proxied',
  })
  const other = { ...BUCKET, ...KEY, S3_ENDPOINT: 'http://minio:9000/', S3_READS: 'presigned' }
  t.same(config({ ...other, AWS_REGION: 'eu-central-1' }).s3, {
    bucket: 'recordings-of-ours',
    region: 'eu-central-1',
    endpoint: 'http://minio:9000',
    credentials: { accessKeyId: 'planted-id', secretAccessKey: 'planted-secret' },
    reads: 'presigned',
  })
})

t.test('half a bucket is none', async (t) => {
  t.match(problems({ S3_ENDPOINT: 'http://minio:9000' }), [/^AWS_S3_BUCKET is missing/])
  for (const [given, missing] of [
    ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY'],
    ['AWS_SECRET_ACCESS_KEY', 'AWS_ACCESS_KEY_ID'],
  ] as const) {
    const found = problems({ ...BUCKET, [given]: 'planted' })
    t.same(found, [`${missing} is missing: a key has two parts`])
  }
  t.same(problems(KEY), [], 'a key without a bucket is for other programs')
  t.match(problems({ ...BUCKET, S3_READS: 'direct' }), [/^S3_READS must be one of/])
  t.match(problems({ ...BUCKET, S3_ENDPOINT: 'http://me:planted@minio' }), [
    /^S3_ENDPOINT must not/,
  ])
})

t.test('how long things are kept: media only go where they are named', async (t) => {
  const kept = (RETENTION_DAYS: string) => config({ RETENTION_DAYS }).retentionDays
  const calls = (audio: number, transcripts = audio, events = audio) => ({
    ...{ audio, transcripts, events },
  })
  t.strictSame(config({}).retentionDays, calls(90))
  t.strictSame(kept('30'), calls(30))
  t.strictSame(kept('media=730'), { ...calls(90), media: 730 })
  t.strictSame(kept('30,media=7'), { ...calls(30), media: 7 })
  t.strictSame(kept('audio=10, events=365'), calls(10, 90, 365))
  for (const RETENTION_DAYS of ['media=0', 'media=', 'media', 'photos=3', 'media=36501', '0'])
    t.match(problems({ RETENTION_DAYS }), [/^RETENTION_DAYS must be .*media$/], RETENTION_DAYS)
})
