import { near } from '../clue.js';
import type { Detector } from '../detector.js';
import { maskSecret } from '../masks.js';

/** Kinds of AWS access key IDs. */
const AWS_PREFIXES = ['AKIA', 'ASIA', 'ABIA', 'ACCA'];

/** Access keys and tokens with a published prefix. Source: the issuers' documentation of their token formats. */
export const cloudKey: Detector = {
  info: {
    name: 'cloud-key',
    class: 'credential',
    description:
      'Access key or token of a cloud service (AWS, GitHub, GitLab, Slack, Google, Stripe, and others)',
    source: 'Token formats documented by AWS, GitHub, GitLab, Slack, Google, Stripe, SendGrid, npm, OpenAI',
  },
  patterns: [
    ...AWS_PREFIXES.flatMap((prefix) =>
      near({ literal: prefix }, [`(?-u:\\b)${prefix}[A-Z2-7]{16}(?-u:\\b)`]),
    ),
    ...near({ literal: 'AIza' }, ['(?-u:\\b)AIza[0-9A-Za-z_-]{35}']),
    ...near({ word: 'token' }, [
      '(?-u:\\b)gh[pousr]_[A-Za-z0-9]{36,255}(?-u:\\b)',
      '(?-u:\\b)github_pat_[A-Za-z0-9_]{60,120}(?-u:\\b)',
      '(?-u:\\b)glpat-[A-Za-z0-9_-]{20,60}',
      '(?-u:\\b)xox[abeoprs]-[0-9A-Za-z-]{10,120}',
      '(?-u:\\b)(?:sk|rk)_live_[0-9A-Za-z]{16,120}(?-u:\\b)',
      '(?-u:\\b)SG\\.[A-Za-z0-9_-]{22}\\.[A-Za-z0-9_-]{43}',
      '(?-u:\\b)npm_[A-Za-z0-9]{36}(?-u:\\b)',
      '(?-u:\\b)sk-(?:proj-|ant-)?[A-Za-z0-9_-]{32,160}',
    ]),
  ],
  judge: (hits) =>
    hits
      .filter((hit) => /\d/.test(hit.text) || /^A[A-Z]IA/.test(hit.text))
      .map((hit) => ({ start: hit.start, end: hit.end, value: hit.text, confidence: 'high' })),
  mask: maskSecret,
};
