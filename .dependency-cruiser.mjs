/**
 * The directions of the source, each rule with its sentence; `test/architecture/layers.unit-spec.ts` proves each by a planted violation.
 * A new feature is a line in USES.
 */
const FEATURE = '^src/modules/([^/]+)/';
const WIRE = '[./](api-v1|liveuser|web|open|wechat)\\.';
const SPEC = '\\.spec\\.ts$';

/** Which features a feature may use, besides `jobs`. What is not here may use nobody. */
const USES = {
  addresses: [],
  auth: ['users'],
  cart: ['products'],
  comments: ['products', 'orders'],
  jobs: [],
  ledger: [],
  linkv: ['ledger'],
  orders: ['cart', 'products', 'ledger', 'users'],
  payments: ['orders', 'cart', 'products', 'ledger', 'users'],
  products: ['users'],
  tabs: ['products'],
  users: ['ledger'],
};

/** What a feature shows to others besides its module and its services: its words. */
const VOCABULARY = '(\\.entity|\\.decorator|-status|/order|/open-payments|/product|/chart-of-accounts|/posting)\\.ts$';

const useRules = Object.entries(USES).map(([feature, used]) => ({
  name: `${feature}-uses`,
  comment: `${feature} uses ${['jobs', ...used].join(', ')}.`,
  severity: 'error',
  from: { path: `^src/modules/${feature}/` },
  to: { path: FEATURE, pathNot: `^src/modules/(${[feature, 'jobs', ...used].join('|')})/` },
}));

/** The rooms of payments, from the top floor to the ground; beside them stand its module and the routes for orders. */
const PAYMENT_ROOMS = ['reconcile', 'recharge', 'refunds', 'wallet', 'wechat', 'records'];

const floorRules = PAYMENT_ROOMS.map((room, floor) => {
  const below = PAYMENT_ROOMS.slice(floor);
  return {
    name: `payments-${room}-floor`,
    comment: `Of payments, ${room} imports nothing outside ${below.join(', ')}: a room knows only those below it.`,
    severity: 'error',
    from: { path: `^src/modules/payments/${room}/` },
    to: { path: '^src/modules/payments/', pathNot: `^src/modules/payments/(${below.join('|')})/` },
  };
});

export default {
  forbidden: [
    {
      name: 'common-is-pure',
      comment:
        'common imports nothing of ours outside itself and no package but lru-cache: it is the vocabulary, without framework or SQL.',
      severity: 'error',
      from: { path: '^src/common/', pathNot: SPEC },
      to: { pathNot: '^src/common/|node_modules/lru-cache/', dependencyTypesNot: ['core'] },
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
      comment: 'protocols import no feature, no integration and no database: a strategy registers itself by its name.',
      severity: 'error',
      from: { path: '^src/protocols/', pathNot: SPEC },
      to: { path: '^src/(modules|integrations|database|operations|simulator|demo)/|node_modules/typeorm/' },
    },
    {
      name: 'domain-knows-no-wire',
      comment:
        'Services, entities and what helps them import no protocol, controller, strategy or dto: they throw DomainError.',
      severity: 'error',
      from: { path: '^src/modules/', pathNot: `\\.(controller|dto|strategy|module)\\.ts$|${SPEC}` },
      to: { path: '^src/protocols/|\\.(controller|dto|strategy)\\.ts$|node_modules/(express|@nestjs/passport)/' },
    },
    {
      name: 'wire-files-know-no-storage',
      comment:
        'Controllers, strategies and dtos import no TypeORM, no database, and of an entity its type alone: translate in, call one use case, view out.',
      severity: 'error',
      from: { path: '\\.(controller|dto|strategy)\\.ts$' },
      to: {
        path: '^src/database/|\\.entity\\.ts$|node_modules/(@nestjs/)?typeorm/|^migrations/',
        dependencyTypesNot: ['type-only'],
      },
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
        'A feature reaches another only through its module, its services and its vocabulary, and a dto through dtos of its own wire.',
      severity: 'error',
      from: { path: FEATURE },
      to: {
        path: FEATURE,
        pathNot: `^src/modules/$1/|\\.(module|service|dto)\\.ts$|${VOCABULARY}`,
      },
    },
    {
      name: 'entities-stay-home',
      comment: 'Only its own feature reads and writes an entity; to others it is a type.',
      severity: 'error',
      from: { path: FEATURE },
      to: {
        path: '^src/modules/.*\\.entity\\.ts$',
        pathNot: '^src/modules/$1/',
        dependencyTypesNot: ['type-only'],
      },
    },
    ...floorRules,
    {
      name: 'auth-rooms',
      comment: 'Sessions and passwords are the ground floor of auth: they import neither its top level nor each other.',
      severity: 'error',
      from: { path: '^src/modules/auth/(sessions|passwords)/' },
      to: { path: '^src/modules/auth/', pathNot: '^src/modules/auth/$1/' },
    },
    {
      name: 'books-below-their-auditor',
      comment: 'The top of ledger imports nothing of audit, but for its module: the books know nobody who checks them.',
      severity: 'error',
      from: { path: '^src/modules/ledger/[^/]+$', pathNot: '\\.module\\.ts$' },
      to: { path: '^src/modules/ledger/audit/' },
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
