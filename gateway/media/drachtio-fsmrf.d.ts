// drachtio-fsmrf has no typings: what we use of it is in freeswitch-types.ts.
declare module 'drachtio-fsmrf' {
  const Mrf: unknown
  export default Mrf
}
