// What a config profile may say, by version: every setting of every file with its type, default and description.
import type { Product } from '../../shared/config-files.ts';
import { InvalidInput, NotFound } from '../../shared/errors.ts';
import { formatProblem } from '../../shared/formats.ts';
import { definitionsOf, listedVersions } from '../definitions/series.ts';
import type { Routes } from './parts.ts';

/** In this order a version is looked for that could be of either; the original knew DSE alone. */
const PRODUCTS: readonly Product[] = ['dse', 'cassandra'];

/** @throws InvalidInput for another parameter, or a product that there is not */
function productsOf(query: Readonly<Record<string, string | string[] | undefined>>): readonly Product[] {
  const [other] = Object.keys(query).filter((name) => name !== 'product');
  if (other !== undefined)
    throw new InvalidInput('The query is not valid', [
      { pointer: `/${other}`, message: 'is not a parameter of definitions: product' },
    ]);
  const asked = query['product'];
  if (asked === undefined) return PRODUCTS;
  const product = PRODUCTS.find((one) => one === asked);
  if (product === undefined)
    throw new InvalidInput('The query is not valid', [
      { pointer: '/product', message: `must be one of ${PRODUCTS.join(', ')}` },
    ]);
  return [product];
}

export function addDefinitionRoutes(router: Routes): void {
  const hrefOf = (base: string, product: Product, version: string): string =>
    `${base}/definitions/${version}/${product === 'dse' ? '' : `?product=${product}`}`;
  router.get('/definitions', (ctx) => {
    productsOf(ctx.query);
    ctx.body = Object.fromEntries(
      PRODUCTS.map((product) => [
        product,
        listedVersions(product).map((version) => ({
          version,
          href: hrefOf(ctx.state.base.url, product, version),
        })),
      ]),
    );
  });
  router.get('/definitions/:version', (ctx) => {
    const products = productsOf(ctx.query);
    const version = String(ctx.params['version']).slice(0, 64);
    for (const product of products) {
      const definitions = formatProblem('version', version) === null ? definitionsOf(product, version) : null;
      if (definitions === null) continue;
      ctx.body = { version, product, href: hrefOf(ctx.state.base.url, product, version), definitions };
      return;
    }
    throw new NotFound('definition', version, `There are no definitions for version ${version}`);
  });
}
