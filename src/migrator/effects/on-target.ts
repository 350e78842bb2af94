/** What a command needs that looks at statements on a target, in one import that is made when there is something to look at. */
export { readCatalogFacts } from './catalog-facts.ts';
export { catalogViewOf } from './catalog-from-facts.ts';
export { impactOf, touchedByImpacts } from './impact.ts';
export { effectsOfFiles } from './plan-effects.ts';
