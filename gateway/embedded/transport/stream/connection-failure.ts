// Why a connection could not be opened, or ended: reason phrases out of a closed set, without an address or a name.

export type ConnectionFailure =
  | 'Certificate Has Expired'
  | 'Certificate Is For Another Name'
  | 'Certificate Is Not Valid Yet'
  | 'Certificate Not Trusted'
  | 'Connection Closed'
  | 'Connection Failed'
  | 'Connection Overloaded'
  | 'Connection Refused'
  | 'Connection Timed Out'
  | 'Network Unreachable'
  | 'TLS Handshake Failed'
  | 'Too Many Connections'

/** Node's and OpenSSL's codes (node's `lib/internal/tls`, `src/crypto/crypto_common.cc`, and errno). */
const BY_CODE: Readonly<Record<string, ConnectionFailure>> = {
  CERT_HAS_EXPIRED: 'Certificate Has Expired',
  CERT_NOT_YET_VALID: 'Certificate Is Not Valid Yet',
  ERR_TLS_CERT_ALTNAME_INVALID: 'Certificate Is For Another Name',
  HOSTNAME_MISMATCH: 'Certificate Is For Another Name',
  CERT_CHAIN_TOO_LONG: 'Certificate Not Trusted',
  CERT_REJECTED: 'Certificate Not Trusted',
  CERT_REVOKED: 'Certificate Not Trusted',
  CERT_SIGNATURE_FAILURE: 'Certificate Not Trusted',
  CERT_UNTRUSTED: 'Certificate Not Trusted',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'Certificate Not Trusted',
  INVALID_CA: 'Certificate Not Trusted',
  INVALID_PURPOSE: 'Certificate Not Trusted',
  PATH_LENGTH_EXCEEDED: 'Certificate Not Trusted',
  SELF_SIGNED_CERT_IN_CHAIN: 'Certificate Not Trusted',
  UNABLE_TO_GET_ISSUER_CERT: 'Certificate Not Trusted',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'Certificate Not Trusted',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'Certificate Not Trusted',
  ECONNREFUSED: 'Connection Refused',
  ETIMEDOUT: 'Connection Timed Out',
  EACCES: 'Network Unreachable',
  EADDRNOTAVAIL: 'Network Unreachable',
  EHOSTUNREACH: 'Network Unreachable',
  EINVAL: 'Network Unreachable',
  ENETUNREACH: 'Network Unreachable',
  EPERM: 'Network Unreachable',
}

/** Of a connection that never stood. `reached`: TCP did, so what failed is the handshake. */
export function connectFailure(
  error: NodeJS.ErrnoException | undefined,
  reached: boolean,
): ConnectionFailure {
  return BY_CODE[error?.code ?? ''] ?? (reached ? 'TLS Handshake Failed' : 'Connection Failed')
}
