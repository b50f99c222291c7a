/** Said by `check` and at each start. */
export const PRIVATE_TARGETS =
  '`dns.allow_private_targets` is on: whoever controls a recipient domain can have mail delivered into this network. For tests only';
