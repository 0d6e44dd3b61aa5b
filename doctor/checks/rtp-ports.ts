// The range of RTP ports, against the one from which the kernel gives ports to every program.
import type { Check } from '../check.ts'
import { info, ok, warn } from '../finding.ts'
import { kernelRange, overlaps } from '../port-range.ts'
import { listenOnce } from '../../startup/listen-once.ts'

export const rtpPorts: Check = {
  name: 'rtp',
  async run({ config }) {
    const { rtpHost, rtpPortMin: min, rtpPortMax: max } = config
    const code = await listenOnce('udp', rtpHost, 0)
    if (code !== undefined) {
      const todo =
        'Set RTP_HOST to an address of this machine; behind NAT to the private one, and SIP_ADVERTISE to the public one.'
      return [{ check: 'rtp', verdict: 'fail', seen: `RTP_HOST cannot be had (${code})`, todo }]
    }
    const kernel = await kernelRange()
    if (kernel === undefined)
      return [info('rtp', 'the kernel’s own port range cannot be read here')]
    if (!overlaps({ min, max }, kernel))
      return [ok('rtp', `ports ${min} to ${max} are outside the kernel’s own range`)]
    const seen = `ports ${min} to ${max} overlap the kernel’s own range (${kernel.min} to ${kernel.max})`
    const todo =
      'Move RTP_PORT_MIN and RTP_PORT_MAX, or net.ipv4.ip_local_port_range: another program may take a port of a call.'
    return [warn('rtp', seen, todo)]
  },
}
