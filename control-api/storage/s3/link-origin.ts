// Where links of the bucket lead, for the policy of the console: by path at other servers, by host at Amazon.
import type { S3Config } from '#core/config'

export const linkOrigin = ({ endpoint, bucket, region }: S3Config): string =>
  endpoint === undefined ? `https://${bucket}.s3.${region}.amazonaws.com` : new URL(endpoint).origin
