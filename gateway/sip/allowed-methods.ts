// What we understand, said in INVITE, 200 OK, OPTIONS and every 405 (RFC 3261 §13.2.1, §13.3.1.4, §11.2).
export const ALLOW = 'INVITE, ACK, CANCEL, BYE, OPTIONS, PRACK, UPDATE, INFO, NOTIFY'
