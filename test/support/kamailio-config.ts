// The configuration of a carrier's proxy and registrar for Debian's Kamailio 5: digest, Record-Route, location in memory.
import { SEEN, SEEN_FIELDS } from './kamailio-requests.ts'

export interface KamailioPorts {
  /** UDP and TCP. */
  readonly plain: number
  readonly tls: number
}

export interface KamailioTls {
  /** Files. */
  readonly cert: string
  readonly key: string
}

export interface KamailioRules {
  readonly domain: string
  readonly user: string
  readonly password: string
  readonly ports: KamailioPorts
  readonly tls: KamailioTls | undefined
  readonly algorithm: 'MD5' | 'SHA-256'
  /** How long a nonce is good for; later ones are challenged again with `stale=true`. */
  readonly nonceSeconds: number
  /** The longest registration it grants. */
  readonly maxExpiresSeconds: number
  /** Shorter ones are refused with 423. */
  readonly minExpiresSeconds: number
  /** `connection`: calls come by the connection (or the address) the registration came from, as to a client behind NAT. */
  readonly deliverBy: 'contact' | 'connection'
}

export function kamailioConfig(rules: KamailioRules, runtimeFolder: string): string {
  return [
    globalPart(rules),
    modulePart(rules, runtimeFolder),
    requestPart(rules),
    authenticationPart(rules),
    dialogPart(rules),
  ].join('\n')
}

const globalPart = ({ ports, tls, domain }: KamailioRules): string => `#!KAMAILIO
debug=0
children=1
socket_workers=1
tcp_children=1
auto_aliases=no
dns=no
rev_dns=no
use_dns_cache=off
# The length of a message over TCP is known by its Content-Length alone.
tcp_accept_no_cl=no
tcp_connection_lifetime=120
server_header="Server: carrier"
user_agent_header="User-Agent: carrier"
alias="${domain}"
listen=udp:127.0.0.1:${ports.plain}
listen=tcp:127.0.0.1:${ports.plain}
${tls ? `enable_tls=yes\nlisten=tls:127.0.0.1:${ports.tls}` : ''}`

const modulePart = (rules: KamailioRules, runtimeFolder: string): string => `
${MODULES.map((name) => `loadmodule "${name}.so"`).join('\n')}
${rules.tls ? tlsPart(rules.tls) : ''}
modparam("jsonrpcs", "transport", 1)
modparam("jsonrpcs", "fifo_name", "${runtimeFolder}/rpc.fifo")
modparam("auth", "algorithm", "${rules.algorithm}")
modparam("auth", "nonce_expire", ${rules.nonceSeconds})
modparam("usrloc", "db_mode", 0)
modparam("usrloc", "timer_interval", 1)
modparam("registrar", "max_expires", ${rules.maxExpiresSeconds})
modparam("registrar", "min_expires", ${rules.minExpiresSeconds})
modparam("registrar", "default_expires", ${rules.maxExpiresSeconds})
modparam("registrar", "received_avp", "$avp(received)")
modparam("nathelper", "received_avp", "$avp(received)")
modparam("dialog", "enable_stats", 1)
modparam("dialog", "dlg_match_mode", 1)
modparam("pv", "shvset", "network=s:none")`

const MODULES = [
  ...['kex', 'pv', 'corex', 'tm', 'tmx', 'sl', 'rr', 'maxfwd', 'textops', 'siputils', 'xlog'],
  ...['usrloc', 'registrar', 'nathelper', 'auth', 'dialog', 'xhttp', 'jsonrpcs'],
]

const tlsPart = ({ cert, key }: KamailioTls): string => `
loadmodule "tls.so"
modparam("tls", "tls_method", "TLSv1.2+")
modparam("tls", "certificate", "${cert}")
modparam("tls", "private_key", "${key}")
modparam("tls", "verify_certificate", 0)
modparam("tls", "require_certificate", 0)`

/** Numbers go to the telephone network, the registered user's name to its contact; who comes from there is trusted. */
const requestPart = ({ user }: KamailioRules): string => `
request_route {
  xlog("L_ALERT", "${SEEN}${SEEN_FIELDS}\\n");
  if (!mf_process_maxfwd_header("10")) { sl_send_reply("483", "Too Many Hops"); exit; }
  if (is_method("CANCEL")) { if (t_check_trans()) t_relay(); exit; }
  if (is_method("OPTIONS") && uri == myself && $rU == $null) { sl_send_reply("200", "OK"); exit; }
  if (has_totag()) route(WITHIN_DIALOG);
  if (is_method("ACK")) { if (t_check_trans()) t_relay(); exit; }
  t_check_trans();
  if (is_method("REGISTER")) route(REGISTRATION);
  if (!is_method("INVITE")) { sl_send_reply("405", "Method Not Allowed"); exit; }
  # The way to us, which the client preloaded, ends here.
  remove_hf("Route");
  if ($rU == "${user}") {
    record_route();
    dlg_manage();
    if (!lookup("location")) { sl_send_reply("480", "Temporarily Unavailable"); exit; }
    route(RELAY);
  }
  route(AUTHENTICATION);
  record_route();
  dlg_manage();
  if ($shv(network) == "none") { sl_send_reply("404", "Not Found"); exit; }
  $du = $shv(network);
  route(RELAY);
}`

/** `stale` (RFC 7616 §3.3) tells a client to try again with the same password. */
const authenticationPart = (rules: KamailioRules): string => `
route[AUTHENTICATION] {
  if (!pv_proxy_authenticate("${rules.domain}", "${rules.password}", "0")) {
    if ($rc == -4) proxy_challenge("${rules.domain}", "17");
    else proxy_challenge("${rules.domain}", "1");
    exit;
  }
  if ($au != "${rules.user}") { sl_send_reply("403", "Forbidden"); exit; }
  consume_credentials();
}
route[REGISTRATION] {
  if (!pv_www_authenticate("${rules.domain}", "${rules.password}", "0")) {
    if ($rc == -4) www_challenge("${rules.domain}", "17");
    else www_challenge("${rules.domain}", "1");
    exit;
  }
  if ($au != "${rules.user}" || $tU != "${rules.user}") { sl_send_reply("403", "Forbidden"); exit; }
  ${rules.deliverBy === 'connection' ? 'fix_nated_register();' : ''}
  save("location");
  exit;
}`

/** By the connection it came from: the way back is written into each Contact of the customer, as for a client behind NAT. */
const dialogPart = ({ deliverBy }: KamailioRules): string => {
  const isAliased = deliverBy === 'connection'
  const alias = isAliased ? 'if ($proto != "udp") set_contact_alias();' : ''
  return `
route[WITHIN_DIALOG] {
  if (loose_route()) {
    ${isAliased ? 'if ($du == $null) handle_ruri_alias();' : ''}
    route(RELAY);
  }
  if (is_method("ACK")) { if (t_check_trans()) t_relay(); exit; }
  sl_send_reply("404", "Not Here");
  exit;
}
route[RELAY] {
  ${alias}
  t_on_reply("ANSWERS");
  t_relay();
  exit;
}
onreply_route[ANSWERS] {
  ${alias === '' ? 'return;' : alias}
}
event_route[xhttp:request] {
  if ($hu =~ "^/RPC") { jsonrpc_dispatch(); exit; }
  xhttp_reply("404", "Not Found", "text/plain", "");
}
`
}
