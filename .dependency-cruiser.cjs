// The law of docs/architecture.md, held by machine. scripts/check.ts adds the tripwire on the module count.
const vendor = (name, from, except = []) => ({
  name: `vendor-${name.replace(/\W+/g, '-')}`,
  comment: `${name} is imported by ${from} alone, behind an interface of ours.`,
  severity: 'error',
  from: {
    path: '^(core|gateway|bridge|control-api|startup|main\\.ts)',
    pathNot: [`^${from}`, ...except],
  },
  to: { path: `node_modules/${name}/` },
})
module.exports = {
  forbidden: [
    {
      name: 'no-cycles',
      severity: 'error',
      from: { pathNot: '^control-api/console/' },
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'no-cycles-in-the-console',
      comment: 'But what is loaded later may look back at what loads it: a page at its page.ts.',
      severity: 'error',
      from: { path: '^control-api/console/' },
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only', 'dynamic-import'] } },
    },
    { name: 'no-unresolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
    {
      name: 'core-is-a-leaf',
      severity: 'error',
      from: { path: '^core/' },
      to: {
        path: '^(gateway|bridge|control-api|simulators|startup|rehearsal|doctor|scripts|test|bench|proof|main)',
      },
    },
    {
      name: 'contracts-import-only-themselves',
      severity: 'error',
      from: { path: '^core/contracts/' },
      to: { path: '^core/', pathNot: '^core/contracts/' },
    },
    {
      name: 'folders-meet-in-core',
      severity: 'error',
      from: { path: '^(gateway|bridge|control-api|simulators)/' },
      to: { path: '^(gateway|bridge|control-api|simulators)/', pathNot: '^$1/' },
    },
    {
      name: 'the-console-runs-in-a-browser',
      comment: 'It meets the server over HTTP alone.',
      severity: 'error',
      from: { path: '^control-api/console/' },
      to: {
        path: '^(core|gateway|bridge|control-api|simulators|startup|rehearsal|doctor|scripts|test|bench|proof|main\\.ts)',
        pathNot: '^control-api/console/',
      },
    },
    {
      name: 'nobody-imports-the-console',
      severity: 'error',
      from: { pathNot: '^(control-api/console|scripts|test)/' },
      to: { path: '^control-api/console/' },
    },
    {
      name: 'production-knows-no-composition',
      severity: 'error',
      from: { path: '^(core|gateway|bridge|control-api|simulators)/' },
      to: { path: '^(main\\.ts|startup|rehearsal|doctor|test|bench|proof|scripts)' },
    },
    {
      name: 'front-doors-only',
      comment:
        'main.ts, startup, rehearsal, doctor and simulators programs enter a folder through its index, the doctor also through examine.ts: it needs no server.',
      severity: 'error',
      from: { path: '^(main\\.ts|startup/|rehearsal/|doctor/)' },
      to: {
        path: '^(gateway|bridge|control-api|simulators)/',
        pathNot:
          '(^(gateway|bridge|control-api)/index\\.ts$|^control-api/examine\\.ts$|^simulators/[^/]+/index\\.ts$)',
      },
    },
    {
      name: 'core-by-front-door',
      severity: 'error',
      from: { path: '^(gateway|bridge|control-api|simulators)/' },
      to: { path: '^core/', pathNot: '^core/[^/]+/index\\.ts$' },
    },
    {
      name: 'boards-know-the-metrics-alone',
      comment: 'They are made of what core/telemetry declares.',
      severity: 'error',
      from: { path: '^dashboards/' },
      to: {
        pathNot: '^(dashboards/|core/(telemetry|contracts)/index\\.ts$|node_modules/@grafana/)',
      },
    },
    {
      name: 'nobody-runs-on-boards',
      severity: 'error',
      from: { pathNot: '^(dashboards|scripts|test)/' },
      to: { path: '^dashboards/' },
    },
    {
      name: 'evidence-is-minted-by-the-composition-root',
      comment: 'The cost guard: only main.ts may make answer evidence.',
      severity: 'error',
      from: { pathNot: '^(main\\.ts|test/|bench/|proof/)' },
      to: { path: '^core/contracts/answer-mint\\.ts$' },
    },
    {
      name: 'the-doctor-calls-without-an-agent',
      comment: 'What places its call cannot reach an agent, nor the mint that would let it.',
      severity: 'error',
      from: { path: '^doctor/call/' },
      to: { path: '^(bridge/|control-api/|core/contracts/answer-mint)' },
    },
    {
      name: 'embedded-sip-is-sealed',
      comment: 'The gateway meets the embedded server only over the drachtio protocol.',
      severity: 'error',
      from: {
        path: '^gateway/',
        pathNot: '^gateway/(embedded/|index\\.ts$|embedded-sip-(metrics|trace)\\.ts$)',
      },
      to: { path: '^gateway/embedded/' },
    },
    {
      name: 'embedded-sip-knows-no-gateway',
      severity: 'error',
      from: { path: '^gateway/embedded/' },
      to: { path: '^gateway/', pathNot: '^gateway/embedded/' },
    },
    vendor('drachtio-srf', 'gateway/sip/drachtio'),
    vendor('drachtio-fsmrf', 'gateway/media/freeswitch'),
    vendor('sdp-transform', 'gateway/sip/'),
    vendor('ws', 'bridge/elevenlabs/'),
    vendor('alawmulaw', 'bridge/audio/'),
    vendor('@elevenlabs', 'control-api/elevenlabs/'),
    vendor('fastify', 'control-api/'),
    vendor('@fastify', 'control-api/'),
    vendor('kysely', 'control-api/'),
    vendor('pg', 'control-api/db/postgres/'),
    vendor('@aws-sdk', 'control-api/storage/s3/'),
    vendor('@fastify/multipart', 'control-api/routes/media/'),
    vendor('file-type', 'control-api/media-jobs/'),
    vendor('sharp', 'control-api/media-jobs/photo/'),
    vendor('csv-stringify', 'control-api/calls/export/'),
    vendor('pino', 'core/telemetry/'),
    vendor('prom-client', 'core/telemetry/'),
    vendor('@opentelemetry', 'core/telemetry/tracing/otlp/'),
    vendor('libphonenumber-js', 'core/phone-numbers/'),
    vendor('uuid', 'core/contracts/'),
    vendor('fastest-levenshtein', 'core/config/'),
    vendor('@grafana', 'dashboards/source/'),
    vendor('yaml', 'core/config/trunks-file/'),
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    // Made by a tool; its chunks refer to each other.
    exclude: { path: '^control-api/console/dist/' },
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
    },
  },
}
