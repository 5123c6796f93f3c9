/**
 * The directions of the source, each rule with its sentence; `test/architecture/layers.unit-spec.ts` proves each by a planted violation.
 * A new feature is a line in USES.
 */
const FEATURE = '^src/modules/([^/]+)/';
const WIRE = '[./](api-v1|liveuser|web|open|wechat)\\.';
const SPEC = '\\.spec\\.ts$';

/** Which features a feature may use. What is not here may use nobody. */
const USES = {
  addresses: [],
  auth: ['users'],
  cart: ['products'],
  comments: ['products', 'orders'],
  jobs: [],
  ledger: [],
  linkv: ['ledger', 'jobs'],
  orders: ['cart', 'products', 'ledger', 'users', 'jobs'],
  payments: ['orders', 'ledger', 'users', 'jobs'],
  products: [],
  tabs: ['products'],
  users: ['ledger'],
};

const useRules = Object.entries(USES).map(([feature, used]) => ({
  name: `${feature}-uses`,
  comment: `${feature} uses ${used.length > 0 ? used.join(', ') : 'no other feature'}.`,
  severity: 'error',
  from: { path: `^src/modules/${feature}/` },
  to: { path: FEATURE, pathNot: `^src/modules/(${[feature, ...used].join('|')})/` },
}));

export default {
  forbidden: [
    {
      name: 'common-is-pure',
      comment:
        'common imports nothing of ours outside itself and no package: it is the vocabulary, without framework or SQL.',
      severity: 'error',
      from: { path: '^src/common/', pathNot: SPEC },
      to: { pathNot: '^src/common/', dependencyTypesNot: ['core'] },
    },
    {
      name: 'foundation-knows-no-wire-and-no-feature',
      comment: 'config, database and integrations import no protocol, no feature and nothing above them.',
      severity: 'error',
      from: { path: '^src/(config|database|integrations)/', pathNot: SPEC },
      to: { path: '^src/(protocols|modules|operations|simulator|demo)/|^src/[^/]+\\.ts$' },
    },
    {
      name: 'protocols-know-no-feature',
      comment: 'protocols import no feature, no integration and no database: authenticators are abstract in common.',
      severity: 'error',
      from: { path: '^src/protocols/', pathNot: SPEC },
      to: { path: '^src/(modules|integrations|database|operations|simulator|demo)/|node_modules/typeorm/' },
    },
    {
      name: 'domain-knows-no-wire',
      comment: 'Services, entities and what helps them import no protocol, controller or dto: they throw DomainError.',
      severity: 'error',
      from: { path: '^src/modules/', pathNot: `\\.(controller|dto|module)\\.ts$|${SPEC}` },
      to: { path: '^src/protocols/|\\.(controller|dto)\\.ts$|node_modules/express/' },
    },
    {
      name: 'wire-files-know-no-storage',
      comment:
        'Controllers and dtos import no TypeORM, no database and no entity: translate in, call one use case, view out.',
      severity: 'error',
      from: { path: '\\.(controller|dto)\\.ts$' },
      to: { path: '^src/database/|\\.entity\\.ts$|node_modules/typeorm/|^migrations/' },
    },
    {
      name: 'wires-apart',
      comment: 'A file of one wire imports no file of another wire.',
      severity: 'error',
      from: { path: WIRE },
      to: { path: WIRE, pathNot: '[./]$1\\.' },
    },
    ...useRules,
    {
      name: 'feature-is-declared',
      comment: 'Every feature stands in the table of uses.',
      severity: 'error',
      from: { path: FEATURE, pathNot: `^src/modules/(${Object.keys(USES).join('|')})/` },
      to: { path: FEATURE, pathNot: '^src/modules/$1/' },
    },
    {
      name: 'features-meet-at-services',
      comment:
        "A feature reaches another only through its module and its service (and the ledger's chart of accounts).",
      severity: 'error',
      from: { path: FEATURE },
      to: {
        path: FEATURE,
        pathNot: '^src/modules/$1/|\\.(module|service)\\.ts$|^src/modules/ledger/chart-of-accounts\\.ts$',
      },
    },
    {
      name: 'simulator-is-loaded-on-demand',
      comment: 'Nobody imports the simulator statically but itself: nothing of it loads in production.',
      severity: 'error',
      from: { pathNot: '^src/simulator/' },
      to: { path: '^src/simulator/', dependencyTypesNot: ['dynamic-import'] },
    },
    {
      name: 'simulator-knows-no-mall',
      comment: 'The simulator is WeChat, not the mall: it shares only the configuration and the common vocabulary.',
      severity: 'error',
      from: { path: '^src/simulator/' },
      to: { path: '^src/(?!simulator/|config/|common/)' },
    },
    {
      name: 'no-cycles',
      comment: 'No file reaches itself through its imports, types included.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'no-unresolvable',
      comment: 'Every import resolves, so that no rule is passed by a spelling.',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(dist|test)/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default', 'types'] },
  },
};
