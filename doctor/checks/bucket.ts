// The bucket of recordings and media: is it there, and may its key do all that we do? A small object comes and goes.
import { examineBucket } from '../../control-api/examine.ts'
import type { Check } from '../check.ts'
import { fail, info, ok, warn, type Finding } from '../finding.ts'

type Examined = Awaited<ReturnType<typeof examineBucket>>
type FailedStep = Exclude<Examined['failedStep'], null>

const SLOW_SECONDS = 5

export const bucket: Check = {
  name: 'bucket',
  async run({ config: { rehearsal, s3 } }) {
    if (s3 === undefined)
      return rehearsal ? [] : [info('bucket', 'none is configured: files are kept in DATA_DIR')]
    const { failedStep, why, seconds } = await examineBucket(s3)
    if (failedStep !== null) return [failure(failedStep, why)]
    const seen = `an object was written, read, listed and deleted in ${seconds.toFixed(1)} s`
    if (seconds < SLOW_SECONDS) return [ok('bucket', seen)]
    const todo =
      'Take a bucket nearer to this machine, or look at the network: players wait for it.'
    return [warn('bucket', seen, todo)]
  },
}

const TODO: Readonly<Record<FailedStep, string>> = {
  write:
    'Check AWS_S3_BUCKET, AWS_REGION, S3_ENDPOINT and the key to it (s3:PutObject), and that this machine may reach it.',
  read: 'Allow the key s3:GetObject on the bucket’s objects.',
  list: 'Allow the key s3:ListBucket on the bucket: without it nothing that is orphaned is swept.',
  delete:
    'Allow the key s3:DeleteObject on the bucket’s objects: without it nothing can be erased. A small object stayed under probe/.',
}

const failure = (step: FailedStep, why: string): Finding =>
  fail('bucket', `the bucket cannot be used: to ${step} failed (${why})`, TODO[step])
