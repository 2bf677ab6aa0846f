/** Sensitive texts, for parts that make them. */
export { secretOf, type Secret } from '#config/schema/types.ts';
