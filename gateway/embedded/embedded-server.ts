// The whole server in one thread: transports, transactions, dialogs, and the application's protocol.
import { Counters, type EmbeddedSipStats } from './counters.ts'
import { DialogStore } from './dialog/dialog-store.ts'
import { AdminServer } from './drachtio/admin-server.ts'
import type { AppClient } from './drachtio/app-client.ts'
import { FrameDispatcher } from './drachtio/frame-dispatcher.ts'
import { InboundLegs, OutboundInvites } from './drachtio/open-requests.ts'
import {
  LostInvite,
  LostInvites,
  type LostInviteFacts,
  type LostInviteOutcome,
} from './drachtio/lost-invite.ts'
import type { SipStack } from './drachtio/sip-stack.ts'
import { guarded, reportFaultsTo } from './fault-sink.ts'
import { Gate } from './gate/gate.ts'
import { InboundMessages } from './inbound-messages.ts'
import { bracketed } from './message/uri.ts'
import type { GateOptions, ListenAddress, ServerConfig } from './server-options.ts'
import { transactionTimeoutMs } from './server-options.ts'
import { MessageTrace, type CallTrace } from './trace/message-trace.ts'
import { TransactionLayer } from './transaction/transaction-layer.ts'
import { openTransports } from './open-transports.ts'
import { ServerLocator } from './transport/locate/server-locator.ts'
import type { HostPort, Transport } from './transport/transport.ts'

export interface EmbeddedServer {
  readonly adminPort: number
  readonly addresses: readonly ListenAddress[]
  stats(): EmbeddedSipStats
  trace(callId: string): Promise<CallTrace>
  callOff(invite: LostInviteFacts): Promise<LostInviteOutcome>
  guard(gate: GateOptions): void
  close(): Promise<void>
}

const ADMIN_HOST = '127.0.0.1'

/** `onFault` hears of a defect that one message or timer ran into; that one is lost, the server goes on. */
export async function openEmbeddedServer(
  config: ServerConfig,
  onFault: (error: unknown) => void,
): Promise<EmbeddedServer> {
  const counters = new Counters()
  reportFaultsTo((error) => {
    counters.dropped('defect')
    onFault(error)
  })
  const { timers, limits } = config
  const transactions = new TransactionLayer({ timers, limits, counters })
  const gate = new Gate(limits, config.gate)
  const messages = new InboundMessages({ transactions, limits, counters, gate })
  const trace = new MessageTrace(limits.maxTraceBytes)
  const transports = await openTransports({
    config,
    counters,
    trace,
    gate,
    onMessage: (...message) => guarded(() => messages.receive(...message)),
  })
  const { nameServers } = config
  const locator = new ServerLocator({ transports, ...(nameServers && { nameServers }) })
  const dialogs = new DialogStore<AppClient>(limits.maxDialogs)
  const stack: SipStack = {
    config,
    counters,
    transports,
    locator,
    transactions,
    dialogs,
    inboundLegs: new InboundLegs(),
    outboundInvites: new OutboundInvites(),
    lostInvites: new LostInvites(),
    readiness: (method) => admin.readiness(method),
    pickClient: (method) => admin.pickClient(method),
  }
  const dispatcher = new FrameDispatcher(stack)
  transactions.user = dispatcher
  const admin = createAdmin(stack, dispatcher)
  const adminPort = await admin.listen()
  return {
    adminPort,
    addresses: transports.all.map(({ protocol, local }) => ({ protocol, ...local })),
    stats: () =>
      counters.snapshot({
        connections: transports.connectionCount,
        transactions: transactions.size,
        dialogs: dialogs.size,
        clients: admin.clientCount,
      }),
    trace: (callId) => trace.ofCall(callId),
    callOff: (facts) => callOff(stack, facts),
    guard: (options) => gate.replace(options),
    close: () => closeAll(admin, stack),
  }
}

const callOff = (stack: SipStack, facts: LostInviteFacts): Promise<LostInviteOutcome> =>
  new Promise((resolve, reject) => {
    new LostInvite(stack, facts, resolve).callOff().catch(reject)
  })

function createAdmin(stack: SipStack, dispatcher: FrameDispatcher): AdminServer {
  const { config, counters, transports } = stack
  return new AdminServer({
    host: ADMIN_HOST,
    secret: config.secret,
    counters,
    hostPorts: hostPorts(transports.all),
    onSip: (client, frame) => guarded(() => dispatcher.onFrame(client, frame)),
    onClientGone: (client) => {
      dispatcher.onClientGone(client)
      forgetDialogsLater(stack, client)
    },
  })
}

async function closeAll(admin: AdminServer, stack: SipStack): Promise<void> {
  await admin.close()
  for (const leg of stack.inboundLegs.all()) leg.settle()
  stack.dialogs.close()
  stack.lostInvites.close()
  stack.transactions.close()
  stack.locator.close()
  await stack.transports.close()
}

/** The other side of an orphaned call gets 481 while it lasts, and its repeated 200 still gets the stored ACK. */
function forgetDialogsLater(stack: SipStack, client: AppClient): void {
  setTimeout(() => {
    for (const dialog of stack.dialogs.ofOwner(client)) stack.dialogs.remove(dialog)
  }, transactionTimeoutMs(stack.config.timers)).unref()
}

function hostPorts(transports: readonly Transport[]): { advertised: string; local: string } {
  const write = (select: (transport: Transport) => HostPort): string =>
    transports
      .map((transport) => {
        const { host, port } = select(transport)
        return `${transport.protocol}/${bracketed(host)}:${port}`
      })
      .join(',')
  return { advertised: write(({ advertised }) => advertised), local: write(({ local }) => local) }
}
