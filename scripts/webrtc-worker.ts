// npm run webrtc:worker: will fetch or build mediasoup's worker. Named by the contract, so it is refused, not unknown.
console.error(
  'webrtc:worker is not built yet: there are no browser legs, and nothing was fetched or built',
)
process.exitCode = 2
