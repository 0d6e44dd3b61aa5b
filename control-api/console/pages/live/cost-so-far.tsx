// What the agent of a call has cost up to this second.
import { useSecond } from '../../components/ticking.tsx'
import { money } from '../../words/amounts.ts'
import { costSoFar, isAgentOpen, type Call } from './live-calls.ts'

interface CostSoFarProps {
  readonly call: Call
  readonly pricePerMinute: number
}

export function CostSoFar({ call, pricePerMinute }: CostSoFarProps) {
  const second = useSecond(isAgentOpen(call))
  return money(call.cost?.amount_minor ?? costSoFar(call, pricePerMinute, second))
}
