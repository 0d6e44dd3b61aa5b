// What the page of media takes the API's answers for is what the document says: by types alone, so that it does not compile
// when they part.
import t from 'tap'
import type * as Told from '../../../control-api/console/api/generated/types.gen.ts'
import type {
  AnimationQuery,
  MediaQuery,
} from '../../../control-api/console/pages/media/requests.ts'
import type * as Seen from '../../../control-api/console/pages/media/shapes.ts'

type Is<A extends B, B> = A
type Asked<D extends { query?: unknown }> = keyof NonNullable<D['query']>

export type Checks = [
  Is<Told.GetMediaResponse, Seen.Media>,
  Is<Told.ListMediaResponse, Seen.MediaPage>,
  Is<Told.UploadMediaResponse, Seen.Media>,
  Is<Told.TranscodeMediaResponse, Seen.Media>,
  Is<Told.GetAnimationResponse, Seen.WholeAnimation>,
  Is<Told.ListAnimationsResponse, Seen.AnimationPage>,
  Is<Told.CancelAnimationResponse, Seen.Animation>,
  Is<Told.RetryAnimationResponse, Seen.Animation>,
  Is<Told.AnimatePhotoResponse, Seen.AskedAnimation>,
  Is<Seen.AnimateBody, Told.AnimatePhotoData['body']>,
  Is<Told.ListAnimationProvidersResponse, Seen.Providers>,
  Is<Told.GetAnimationProviderBalanceResponse, Seen.Balance>,
  Is<keyof AnimationQuery, Asked<Told.ListAnimationsData>>,
  Is<keyof MediaQuery, Asked<Told.ListMediaData>>,
]

t.pass('the compiler said so')
