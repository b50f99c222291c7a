import type { LoadedConfig } from '../config/load.js';
import type { PolicySet } from '../decide/index.js';
import type { Operator } from '../model/operator.js';
import { databaseExists } from '../store/data-dir.js';
import { openReadOnly } from '../store/read-only.js';

/** What is asked of operators and can't be done, because there are not enough. Reads the store, if there is one. */
export function operatorWarnings(
  { config, dataDir, file }: LoadedConfig,
  policy: PolicySet,
): readonly string[] {
  const operators = databaseExists(dataDir) ? openReadOnly(dataDir, (store) => store.operators()) : [];
  return [
    ...tooFewOperators(operators, policy, config.operators.required),
    ...(config.review === undefined ? [] : nobodyForReview(operators)),
  ].map((warning) => `${file}: ${warning}`);
}

/** Whether somebody can use the review page. Pure. */
export function nobodyForReview(operators: readonly Operator[]): readonly string[] {
  const able = operators.some(
    (one) => !one.disabled && one.roles.includes('reviewer') && one.sealedTotp !== undefined,
  );
  return able
    ? []
    : [
        'there is a review page, and no reviewer with a second factor: nobody can decide there; `sallyport operators add NAME --role reviewer`',
      ];
}

/** Pure. */
export function tooFewOperators(
  operators: readonly Operator[],
  policy: Pick<PolicySet, 'rules'>,
  required: boolean,
): readonly string[] {
  const reviewers = operators.filter((one) => !one.disabled && one.roles.includes('reviewer')).length;
  const rules = policy.rules.filter(({ demand }) => demand.release === 'two-person').map(({ id }) => id);
  const warnings: string[] = [];
  if (rules.length > 0 && reviewers < 2)
    warnings.push(
      `${rules.join(', ')}: two operators must release what is held, and ${reviewers === 0 ? 'there is no reviewer' : 'there is one reviewer'}; \`sallyport operators add NAME --role reviewer\``,
    );
  else if (required && reviewers === 0)
    warnings.push(
      '`operators.required` is set, and there is no reviewer: nobody can release held mail; `sallyport operators add NAME --role reviewer`',
    );
  return warnings;
}
