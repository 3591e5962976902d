import { AsyncLocalStorage } from 'node:async_hooks';
import vm from 'node:vm';
import JestRuntime from 'jest-runtime';

/**
 * The runtime of Jest, which gives each test file new instances of all modules. What does not depend on the test file is kept
 * for the next one of the same worker:
 * 1. the text of a module and its compiled JavaScript;
 * 2. the code that V8 made of it.
 * At the end of a file its async storages are switched off: an enabled one costs each promise of all later files.
 */
export default class WarmRuntime extends JestRuntime {
  constructor(config, environment, resolver, transformer, texts, coverage, testPath, globalConfig) {
    const watched = globalConfig.watch || globalConfig.watchAll;
    const isKept = (path) => !watched && path !== testPath && path.startsWith(config.rootDir);
    const transforms = keepTransforms(transformer, isKept);
    super(config, environment, resolver, transforms, new Texts(texts, isKept), coverage, testPath, globalConfig);
  }

  teardown() {
    super.teardown();
    for (const storage of enabledStorages) storage.disable();
    enabledStorages.clear();
  }
}

const keptTexts = new Map();

/** The texts of modules by their paths. A runtime clears them before it begins; those that are kept stay. */
class Texts extends Map {
  constructor(texts, isKept) {
    super();
    this.isKept = isKept;
    for (const [path, text] of texts) this.set(path, text);
  }

  get(path) {
    return super.get(path) ?? keptTexts.get(path);
  }

  set(path, text) {
    return this.isKept(path) ? (keptTexts.set(path, text), this) : super.set(path, text);
  }
}

const keptTransforms = new Map();

function keepTransforms(transformer, isKept) {
  const transform = (path, options, text) => {
    if (!isKept(path)) return transformer.transform(path, options, text);
    const key = `${options.supportsStaticESM ? 'module' : 'script'} ${path}`;
    let result = keptTransforms.get(key);
    if (!result) keptTransforms.set(key, (result = transformer.transform(path, options, text)));
    return result;
  };
  return Object.create(transformer, { transform: { value: transform } });
}

const codeOf = new Map();

/** V8 forgets who answers a dynamic import when it takes code from its cache. */
const importsAtRunTime = (source) => /\bimport\s*[(./]|\beval\b|\bFunction\(/.test(source);

const { SourceTextModule, compileFunction } = vm;

vm.SourceTextModule = class extends SourceTextModule {
  constructor(source, options) {
    const cachedData = codeOf.get(source);
    super(source, { ...options, cachedData });
    if (cachedData || options.identifier?.endsWith('.spec.ts') || importsAtRunTime(source)) return;
    codeOf.set(source, this.createCachedData());
  }
};

vm.compileFunction = (source, parameters, options) => {
  const cachedData = codeOf.get(source);
  if (cachedData) return compileFunction(source, parameters, { ...options, cachedData });
  const produceCachedData = !importsAtRunTime(source);
  // oxlint-disable-next-line typescript/no-deprecated -- a function has no createCachedData()
  const compiled = compileFunction(source, parameters, { ...options, produceCachedData });
  if (compiled.cachedData) codeOf.set(source, compiled.cachedData);
  return compiled;
};

const enabledStorages = new Set();
const enable = AsyncLocalStorage.prototype._enable;

// Since Node.js 24 a storage costs nothing while it holds no value, and there is nothing to switch off.
if (enable) {
  AsyncLocalStorage.prototype._enable = function () {
    enabledStorages.add(this);
    enable.call(this);
  };
}
