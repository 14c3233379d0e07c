// Who may import whom (docs/architecture.md). What is not listed may import libraries only.
const MAY_IMPORT = {
  domain: [],
  views: ['domain'],
  runtime: [],
  resilience: ['runtime'],
  store: ['domain', 'runtime'],
  application: ['domain', 'store'],
  reconcile: ['store', 'resilience', 'runtime'],
  jira: ['resilience', 'runtime'],
  slack: ['resilience', 'runtime'],
  testkit: [],
};

const packageRules = Object.entries(MAY_IMPORT).map(([name, allowed]) => ({
  name: `${name}-imports`,
  comment: `packages/${name} may import ${allowed.length === 0 ? 'no other package' : allowed.join(', ')}.`,
  severity: 'error',
  from: { path: `^packages/${name}/src` },
  to: { path: '^(packages|apps|scripts|bench)/', pathNot: `^packages/(${[name, ...allowed].join('|')})/` },
}));

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    ...packageRules,
    {
      name: 'domain-and-views-are-pure',
      comment: 'Rules and looks need no input or output, and no library but the one that templates are written for.',
      severity: 'error',
      from: { path: '^packages/(domain|views)/src' },
      to: { dependencyTypesNot: ['local', 'localmodule', 'aliased', 'aliased-workspace', 'type-only'], pathNot: '^packages/|^node_modules/(@types/)?mustache/' },
    },
    {
      name: 'no-app-imports-another',
      comment: 'Apps share code through packages.',
      severity: 'error',
      from: { path: '^apps/([^/]+)/' },
      to: { path: '^apps/', pathNot: '^apps/$1/' },
    },
    {
      name: 'production-never-imports-tests-or-scripts',
      comment: 'testkit and scripts start servers and kill processes.',
      severity: 'error',
      from: { path: '^(packages|apps)/[^/]+/src', pathNot: '^packages/testkit/' },
      to: { path: '^packages/testkit/|^scripts/|^bench/|^tests/|/test/' },
    },
    {
      name: 'only-main-starts',
      comment: 'main.ts is where a process begins; nothing imports it.',
      severity: 'error',
      from: {},
      to: { path: '^apps/[^/]+/(src|dist)/main\\.(ts|js)$' },
    },
    {
      name: 'only-main-composes',
      comment: 'compose.ts constructs and wires; the rest receives what it needs as arguments.',
      severity: 'error',
      from: { path: '^apps/[^/]+/src', pathNot: '/main\\.ts$' },
      to: { path: '^apps/[^/]+/src/compose\\.ts$' },
    },
    {
      name: 'packages-through-their-index',
      comment: 'What a package offers is in its index.ts.',
      severity: 'error',
      from: { path: '^(packages|apps)/([^/]+)/' },
      to: { path: '^packages/([^/]+)/(src|dist)/', pathNot: '^packages/$2/|/(src|dist)/index\\.(ts|js|d\\.ts)$' },
    },
    { name: 'no-circular', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'not-to-unresolvable',
      severity: 'error',
      from: { path: '^(packages|apps|scripts|bench)/' },
      to: { couldNotResolve: true },
    },
    {
      name: 'declared-dependencies-only',
      comment: "Each workspace lists what it imports in its own package.json.",
      severity: 'error',
      from: { path: '^(packages|apps|scripts)/[^/]+/?.*src/|^bench/src/' },
      to: { dependencyTypes: ['npm-no-pkg', 'npm-unknown'] },
    },
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.base.json' },
    combinedDependencies: false,
    doNotFollow: { path: 'node_modules|/dist/' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'default', 'types'] },
  },
};
