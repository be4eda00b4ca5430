/** Which page a role has: the folder of `pages/` with the role's name, loaded when it is needed. */
import type { ComponentType } from 'preact';

interface PageModule {
  readonly default: ComponentType;
}

const found = import.meta.glob<PageModule>('./pages/*/page.tsx');

/** An administrator sees what a dispatcher sees. */
const pageOf: Readonly<Record<string, string>> = { '': 'start', admin: 'dispatcher' };

/** The loader of a role's page; null where the role has none. */
export function loaderOf(role: string): (() => Promise<PageModule>) | null {
  return found[`./pages/${pageOf[role] ?? role}/page.tsx`] ?? null;
}
