// A moment in the viewer's zone; pointing at it tells it in UTC, as the API does.
import { moment } from '../words/amounts.ts'
import { useCommon } from '../words/common.ts'

export function Moment({ at }: { readonly at: string | null }) {
  const say = useCommon()
  if (at === null) return <>{say('none')}</>
  return (
    <time dateTime={at} title={at}>
      {moment(at)}
    </time>
  )
}
