/** The relay itself, and what it goes by. */
export interface RelayEvents {
  'relay.started': {
    readonly version: string;
    readonly enforcement: 'enforce' | 'shadow';
    readonly configHash: string;
  };
  'relay.stopped': { readonly reason: string };
  'config.loaded': { readonly configHash: string };
  'config.rejected': { readonly error: string };
  /** A listener or the portal shows another certificate from now on. `expiresAt`: epoch milliseconds. */
  'certificate.changed': {
    readonly part: string;
    readonly fingerprint: string;
    readonly expiresAt: number;
  };
  /** The files changed to what can't be used; the certificate before stays. */
  'certificate.rejected': { readonly part: string; readonly error: string };
  'policy.loaded': {
    readonly policyHash: string;
    readonly rules: number;
    readonly enforcement: 'enforce' | 'shadow';
  };
  'policy.rejected': { readonly error: string; readonly keptPolicyHash: string };
}
