// What media jobs and object storage need: each vendor an address at which it reaches us, the bucket a whole key.
import type { ConfigProblem } from './config-problem.ts'
import type { AnimationVendorConfig, MediaConfig, S3Config } from './config.ts'
import type { Values, VariableName } from './schema.ts'

type IsGiven = (name: VariableName) => boolean

const MINUTE_MS = 60_000
const MEGABYTE = 1024 * 1024

export const mediaProblems = (values: Values, isGiven: IsGiven): ConfigProblem[] => [
  ...unreachable(values, isGiven),
  ...withoutKey(values, isGiven),
  ...halfABucket(isGiven),
]

function unreachable({ PUBLIC_URL: address }: Values, isGiven: IsGiven): ConfigProblem[] {
  const vendor = isGiven('DID_API_KEY') ? 'D-ID' : isGiven('HEYGEN_API_KEY') ? 'HeyGen' : undefined
  // Twilio asks for the same, and says so.
  if (vendor === undefined || isGiven('TWILIO_ACCOUNT_SID')) return []
  const name = 'PUBLIC_URL'
  if (!isGiven(name)) return [{ name, problem: `is missing: ${vendor} reaches us at it` }]
  if (address === undefined || address.startsWith('https://')) return []
  return [{ name, problem: `must be https while ${vendor} is configured` }]
}

function withoutKey({ USE_HEYGEN: heyGen }: Values, isGiven: IsGiven): ConfigProblem[] {
  const problems: ConfigProblem[] = []
  const needs = (name: VariableName, by: string): void => {
    if (!isGiven(name)) problems.push({ name, problem: `is missing: ${by} needs it` })
  }
  if (heyGen === 'true' && isGiven('DID_API_KEY')) needs('HEYGEN_API_KEY', 'USE_HEYGEN')
  if (heyGen === 'false' && isGiven('HEYGEN_API_KEY')) needs('DID_API_KEY', 'USE_HEYGEN=false')
  if (isGiven('DID_WEBHOOK_URL')) needs('DID_API_KEY', 'DID_WEBHOOK_URL')
  if (isGiven('HEYGEN_WEBHOOK_SECRET')) needs('HEYGEN_API_KEY', 'HEYGEN_WEBHOOK_SECRET')
  return problems
}

function halfABucket(isGiven: IsGiven): ConfigProblem[] {
  if (!isGiven('AWS_S3_BUCKET'))
    return isGiven('S3_ENDPOINT')
      ? [{ name: 'AWS_S3_BUCKET', problem: 'is missing: S3_ENDPOINT needs it' }]
      : []
  const [id, secret] = [isGiven('AWS_ACCESS_KEY_ID'), isGiven('AWS_SECRET_ACCESS_KEY')]
  if (id === secret) return []
  const name = id ? 'AWS_SECRET_ACCESS_KEY' : 'AWS_ACCESS_KEY_ID'
  return [{ name, problem: 'is missing: a key has two parts' }]
}

export function mediaOf(values: Values): MediaConfig {
  const { DID_API_KEY: dIdKey, HEYGEN_API_KEY: heyGenKey, USE_HEYGEN: useHeyGen } = values
  const dId = vendorOf(dIdKey, {
    baseUrl: values.DID_BASE_URL,
    voiceId: values.DID_VOICE_ID,
    minutes: values.DID_DEADLINE_MINUTES,
    maxJobs: values.DID_MAX_JOBS,
  })
  const heyGen = vendorOf(heyGenKey, {
    baseUrl: values.HEYGEN_BASE_URL,
    voiceId: values.HEYGEN_VOICE_ID,
    minutes: values.HEYGEN_DEADLINE_MINUTES,
    maxJobs: values.HEYGEN_MAX_JOBS,
  })
  const isHeyGen = useHeyGen === 'true' || (useHeyGen === undefined && !dId && heyGen !== undefined)
  return {
    dId: dId && { ...dId, webhookUrl: values.DID_WEBHOOK_URL },
    heyGen: heyGen && { ...heyGen, webhookSecret: values.HEYGEN_WEBHOOK_SECRET },
    defaultProvider: isHeyGen ? 'heygen' : 'd-id',
    maxUploadBytes: (values.MEDIA_MAX_UPLOAD_MB ?? 0) * MEGABYTE,
    maxAnimationsADay: values.MEDIA_MAX_ANIMATIONS_A_DAY ?? 0,
    resultHosts: values.MEDIA_RESULT_HOSTS ?? [],
  }
}

interface VendorValues {
  readonly baseUrl: string | undefined
  readonly voiceId: string | undefined
  readonly minutes: number | undefined
  readonly maxJobs: number | undefined
}

function vendorOf(
  apiKey: string | undefined,
  { baseUrl, voiceId = '', minutes, maxJobs }: VendorValues,
): AnimationVendorConfig | undefined {
  if (apiKey === undefined || baseUrl === undefined) return undefined
  if (minutes === undefined || maxJobs === undefined) return undefined
  const deadlineMs = minutes * MINUTE_MS
  return { apiKey, baseUrl, voiceId: voiceId === '' ? null : voiceId, deadlineMs, maxJobs }
}

export function s3Of(values: Values): S3Config | undefined {
  const { AWS_S3_BUCKET: bucket, AWS_REGION: region, S3_READS: reads } = values
  if (bucket === undefined || region === undefined || reads === undefined) return undefined
  const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey } = values
  const isWhole = accessKeyId !== undefined && secretAccessKey !== undefined
  const credentials = isWhole ? { accessKeyId, secretAccessKey } : undefined
  return { bucket, region, endpoint: values.S3_ENDPOINT, credentials, reads }
}
