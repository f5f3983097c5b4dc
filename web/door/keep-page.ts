const script = '/door-worker.js';

/** Trusted Types let a script's address through only where a policy of the page has looked at it. */
interface TrustedTypes {
  createPolicy(name: string, rules: { createScriptURL(url: string): string }): { createScriptURL(url: string): string };
}

/** The page opens from now on without a network too. A browser without service workers goes on as before. */
export function keepPage(): void {
  const { trustedTypes } = globalThis as { readonly trustedTypes?: TrustedTypes };
  const policy = trustedTypes?.createPolicy('cavea-door', { createScriptURL: () => script });
  const address = policy ? policy.createScriptURL(script) : script;
  void navigator.serviceWorker?.register(address, { scope: '/door' }).catch(() => undefined);
}
