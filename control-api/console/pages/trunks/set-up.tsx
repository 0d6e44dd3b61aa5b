// How a trunk is defined, defaults written out.
import { FactList } from '../../components/fact-list.tsx'
import type { Trunk } from '../../components/use-trunks.ts'
import { number } from '../../words/amounts.ts'
import { useCommon } from '../../words/common.ts'
import { useTrunkWords } from './words.ts'

export function SetUp({ trunk }: { readonly trunk: Trunk }) {
  const say = useTrunkWords()
  const common = useCommon()
  const limit = (value: number | null): string =>
    value === null ? say('no_limit') : number(value, 1)
  return (
    <FactList
      facts={[
        { name: say('domain'), value: trunk.domain },
        { name: say('proxy'), value: trunk.proxy ?? common('none') },
        { name: say('transport'), value: trunk.transport?.toUpperCase() ?? say('by_dns') },
        { name: say('codecs'), value: trunk.codecs.join(', ') },
        { name: say('media'), value: say(trunk.media) },
        { name: say('srtp'), value: say(trunk.srtp) },
        { name: say('transfer'), value: say(trunk.transfer) },
        { name: say('numbers'), value: number(trunk.numbers_count) },
        { name: say('rate_limit'), value: limit(trunk.max_calls_per_second) },
      ]}
    />
  )
}
